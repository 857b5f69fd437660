#include "runtime/multicast.hpp"

#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::start_node;

/// A message whose copies are counted.
struct parcel {
  parcel() = default;
  explicit parcel(std::atomic<int>* c) : copies(c) {}
  parcel(const parcel& other) : copies(other.copies) {
    if (copies) ++*copies;
  }
  parcel(parcel&&) = default;
  parcel& operator=(const parcel&) = default;
  static auto fields() { return std::make_tuple(); }
  std::atomic<int>* copies = nullptr;
};

}  // namespace

template <>
struct codec<parcel> {
  static void encode(const parcel&, writer&) {}
  static bool decode(parcel&, reader&) { return true; }
};

namespace {

struct reader_of_parcels {
  struct got {};
  using protocol = troupe::protocol<void(parcel), int(got)>;
  void on(const parcel&) { ++count; }
  int on(got) const { return count; }
  int count = 0;
};

struct keeper_of_parcels {
  struct got {};
  using protocol = troupe::protocol<void(parcel), int(got)>;
  void on(parcel&& p) { all.push_back(std::move(p)); }
  int on(got) const { return static_cast<int>(all.size()); }
  std::vector<parcel> all;
};

template <class T>
struct sender {
  struct send {
    std::vector<actor_ref<T>> to;
  };
  using protocol = troupe::protocol<int(send)>;
  explicit sender(std::atomic<int>* c) : copies(c) {}
  int on(send m, context& ctx) {
    ctx.tell_all(m.to, parcel{copies});
    return 0;
  }
  std::atomic<int>* copies;
};

TEST(Multicast, ReadersShareTheOneMessage) {
  std::atomic<int> copies{0};
  auto node = start_node();
  std::vector<actor_ref<reader_of_parcels>> all(200);
  for (auto& one : all) one = node.spawn<reader_of_parcels>();
  const auto from = node.spawn<sender<reader_of_parcels>>(&copies);
  EXPECT_EQ(from.ask(sender<reader_of_parcels>::send{all}, 5s).value(), 0);

  for (const auto& one : all) EXPECT_EQ(one.ask(reader_of_parcels::got{}, 5s).value(), 1);
  EXPECT_EQ(copies, 0);
}

TEST(Multicast, WhoKeepsItGetsACopyOfTheirOwn) {
  std::atomic<int> copies{0};
  auto node = start_node();
  std::vector<actor_ref<keeper_of_parcels>> all(70);
  for (auto& one : all) one = node.spawn<keeper_of_parcels>();
  const auto from = node.spawn<sender<keeper_of_parcels>>(&copies);
  EXPECT_EQ(from.ask(sender<keeper_of_parcels>::send{all}, 5s).value(), 0);

  for (const auto& one : all) EXPECT_EQ(one.ask(keeper_of_parcels::got{}, 5s).value(), 1);
  EXPECT_EQ(copies, 70);
}

struct lives {
  explicit lives(std::atomic<int>* n) : count(n) { ++*count; }
  lives(const lives& o) : count(o.count) { ++*count; }
  ~lives() { --*count; }
  std::atomic<int>* count;
};

detail::handler handler_of_lives() {
  static detail::handler shared;
  shared.embedded = true;
  shared.size = sizeof(detail::shared_part);
  shared.destroy = &detail::leave_shared;
  detail::handler h;
  h.size = sizeof(lives);
  h.destroy = [](void* m) noexcept { static_cast<lives*>(m)->~lives(); };
  h.shared = &shared;
  return h;
}

TEST(Multicast, TheMessageGoesWithTheLastOfItsEnvelopes) {
  static const auto how = handler_of_lives();
  for (const std::size_t expected : {0u, 1u, 63u, 64u, 65u, 200u}) {
    for (const std::size_t made : {std::size_t{0}, expected / 2, expected, expected + 1}) {
      std::atomic<int> alive{0};
      std::vector<detail::envelope_ptr> all;
      {
        runtime::sharer shared{detail::make_envelope(how, lives{&alive}), expected};
        for (std::size_t i = 0; i < made; ++i) all.push_back(shared.next());
      }
      EXPECT_EQ(alive, made ? 1 : 0) << made << " of " << expected;
      all.clear();
      EXPECT_EQ(alive, 0) << made << " of " << expected;
    }
  }
}

}  // namespace
}  // namespace troupe
