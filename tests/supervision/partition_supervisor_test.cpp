// A dynamic supervisor in parts.
#include "supervised_family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_support::start_node;

struct stage {
  scene all;
  troupe::node node = start_node();
};

std::string refusal(const std::function<void()>& of) {
  try {
    of();
  } catch (const std::invalid_argument& why) {
    return why.what();
  }
  return "taken";
}

TEST(Partitioned, IsOneForOneOverAsManyAlike) {
  const auto tree = partitioned(dynamic_supervisor().max_children(2).give_up_after(1, 1s), 3);
  EXPECT_EQ(
      to_string(tree.tree()),
      "partitioned permanent, stops within infinity; one_for_one, gives up after 3 in 5000 ms\n"
      "  0 permanent, stops within infinity; simple, gives up after 1 in 1000 ms, "
      "at most 2 children\n"
      "  1 permanent, stops within infinity; simple, gives up after 1 in 1000 ms, "
      "at most 2 children\n"
      "  2 permanent, stops within infinity; simple, gives up after 1 in 1000 ms, "
      "at most 2 children\n");
  EXPECT_TRUE(check(tree.tree()).ok());
}

TEST(Partitioned, Has1To1024PartsThatAreDynamic) {
  EXPECT_EQ(partitioned(dynamic_supervisor(), 1).tree().children.size(), 1u);
  EXPECT_EQ(partitioned(dynamic_supervisor(), 1024).tree().children.size(), 1024u);

  const auto none = refusal([] { (void)partitioned(dynamic_supervisor(), 0); });
  EXPECT_EQ(none, "troupe: partitioned: 0 partitions; there may be 1 to 1024");
  const auto many = refusal([] { (void)partitioned(dynamic_supervisor(), 1025); });
  EXPECT_EQ(many, "troupe: partitioned: 1025 partitions; there may be 1 to 1024");
  const auto other = refusal([] { (void)partitioned(one_for_all().id("web"), 2); });
  EXPECT_THAT(other, HasSubstr("a part is a dynamic_supervisor(), and 'web' is one_for_all"));
}

TEST(PartitionOf, IsTheSameEverywhereAndForever) {
  EXPECT_EQ(partition_of("", 1024), 155u);
  EXPECT_EQ(partition_of("alice", 1024), 604u);
  EXPECT_EQ(partition_of("bob", 1024), 492u);
  EXPECT_EQ(partition_of(std::uint64_t{0}, 1024), 431u);
  EXPECT_EQ(partition_of(std::uint64_t{42}, 1024), 661u);
  EXPECT_EQ(partition_of("alice", 1), 0u);
}

TEST(PartitionOf, SpreadsKeysThatFollowEachOther) {
  std::array<int, 8> texts{};
  std::array<int, 8> numbers{};
  std::array<int, 8> eights{};
  for (std::uint64_t i = 0; i < 8000; ++i) {
    ++texts[partition_of("user " + std::to_string(i), 8)];
    ++numbers[partition_of(i, 8)];
    ++eights[partition_of(8 * i, 8)];
  }
  for (const auto& counts : {texts, numbers, eights}) {
    for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
  }
}

TEST(Partitions, StartAChildWhereItsKeySays) {
  stage s;
  const auto parts = partitions::start(s.node, partitioned(dynamic_supervisor(), 4)).value();
  ASSERT_EQ(parts.all().size(), 4u);
  std::set<const supervisor*> used;
  for (int i = 0; i < 40; ++i) {
    const auto name = "session " + std::to_string(i);
    EXPECT_TRUE(parts.of(name).start_child(called(s.all, name)).ok());
    used.insert(&parts.of(name));
  }
  EXPECT_EQ(used.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    for (const auto& one : parts.all()[i].which_children().value()) {
      EXPECT_EQ(partition_of(one.id, 4), i) << one.id;
    }
  }
  EXPECT_EQ(&parts.of(7), &parts.of(std::uint64_t{7}));
}

TEST(Partitions, OfATreeAreFoundByTheSupervisorAboveThem) {
  stage s;
  const auto top = supervisor::start(
      s.node, one_for_one().children(called(s.all, "a"),
                                     partitioned(dynamic_supervisor(), 2).id("sessions")));
  const auto parts = partitions::find(top.value().group("sessions").value()).value();
  EXPECT_EQ(parts.all().size(), 2u);
  EXPECT_TRUE(parts.of("b").start_child(called(s.all, "b")).ok());
  EXPECT_EQ(parts.top().count_children().value().supervisors, 2u);

  const auto none = partitions::find(top.value());
  EXPECT_EQ(none.code(), errc::refused);
  EXPECT_THAT(none.why().what, HasSubstr("no partition 0"));
}

TEST(Partitions, OfATreeThatIsNotPartitionedAreNotStarted) {
  stage s;
  const auto of = [&](const supervisor_spec& tree) {
    return partitions::start(s.node, tree).why();
  };
  const auto other = of(one_for_one().id("web").children(called(s.all, "a")));
  EXPECT_EQ(other.code, errc::invalid_config);
  EXPECT_THAT(other.what, HasSubstr("web: children: 'a' is not partition 0"));
  EXPECT_THAT(of(one_for_one().id("web")).what, HasSubstr("it has no partitions"));
  EXPECT_EQ(s.all.log.first(0), entries{});
}

TEST(Partitions, FailAlone) {
  stage s;
  const auto parts =
      partitions::start(s.node, partitioned(dynamic_supervisor().give_up_after(0, 1s), 2)).value();
  const auto lost = parts.all()[0].start_child(called(s.all, "lost").temporary()).value();
  const auto hit = parts.all()[0].start_child(called(s.all, "hit")).value();
  const auto other = parts.all()[1].start_child(called(s.all, "other")).value();
  EXPECT_EQ(other.ref.ask(member::add{}, 5s).value(), 1);
  s.all.log.clear();
  hit.ref.tell(member::crash{});
  EXPECT_EQ(s.all.log.first(1), (entries{"-lost"}));

  // The partition comes back, empty, at the same address.
  EXPECT_EQ(lost.ref.ask(member::add{}, 5s).get().why().code, errc::stopped);
  EXPECT_TRUE(start_when_it_is_back(parts.all()[0], called(s.all, "new")).ok());
  EXPECT_EQ(parts.all()[0].count_children().value().active, 1u);
  EXPECT_EQ(other.ref.ask(member::add{}, 5s).value(), 2);
}

}  // namespace
}  // namespace troupe::supervision
