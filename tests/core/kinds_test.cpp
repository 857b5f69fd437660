#include "runtime/kinds.hpp"

#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

template <std::size_t Number>
struct behaviour {
  struct nothing {};
  using protocol = troupe::protocol<void(nothing)>;
  static constexpr std::string_view name = "behaviour";
  void on(nothing) {}
};

constexpr std::size_t count = 100;  // more than there are chains

template <std::size_t... Numbers>
constexpr auto types_of(std::index_sequence<Numbers...>) {
  return std::array{&detail::behaviour_of<behaviour<Numbers>>...};
}
constexpr auto types = types_of(std::make_index_sequence<count>{});

TEST(Kinds, AreTheSameForAllThreadsAndOneForEachBehaviour) {
  constexpr std::size_t threads = 4;
  kinds all{kind{.node = "n", .mailbox = 7}};
  std::array<std::vector<const kind*>, threads> seen;
  std::atomic<std::size_t> here{0};
  std::vector<std::thread> asking;
  for (auto& mine : seen) {
    asking.emplace_back([&] {
      ++here;
      while (here != threads) std::this_thread::yield();
      for (const auto* type : types) mine.push_back(&all.of(*type));
    });
  }
  for (auto& t : asking) t.join();

  EXPECT_EQ(all.all().size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& mine : seen) EXPECT_EQ(mine[i], &all.of(*types[i]));
    EXPECT_EQ(seen[0][i]->type, types[i]);
    EXPECT_EQ(seen[0][i]->mailbox, 7u);
  }
}

TEST(Kinds, OfANodeThatIsGoneAreUsedAgainWhereWhatSendersSeeOfThemIsTheSame) {
  const auto& type = *types[0];
  const kind* before = nullptr;
  {
    kinds all{kind{.node = "one", .mailbox = 7}};
    before = &all.of(type);
  }
  kinds of_another_name{kind{.node = "two", .mailbox = 7}};
  kinds of_other_bounds{kind{.node = "one", .mailbox = 8}};
  kinds of_the_same{kind{.node = "one", .mailbox = 7}};

  EXPECT_NE(&of_another_name.of(type), before);
  EXPECT_NE(&of_other_bounds.of(type), before);
  EXPECT_EQ(before->node, "one");
  EXPECT_EQ(before->mailbox, 7u);
  EXPECT_EQ(&of_the_same.of(type), before);
}

}  // namespace
}  // namespace troupe::runtime
