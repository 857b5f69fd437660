#include "runtime/ready_batch.hpp"

#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using runtime::ready_batch;
using testing_support::gate;

/// Opens its gate when so many have been spoken to.
struct crowd {
  std::atomic<int> awaited{0};
  std::atomic<int> spoken_to{0};
  gate reached;
};

struct member {
  struct word {};
  struct ping {};
  using protocol = troupe::protocol<void(word), int(ping)>;
  explicit member(crowd* all) : of(all) {}
  void on(word) {
    if (++of->spoken_to == of->awaited) of->reached.open();
  }
  int on(ping) { return 1; }
  crowd* of;
};

class ReadyBatch : public ::testing::Test {
 protected:
  ReadyBatch() {
    for (std::uint32_t i = 0; i < ready_batch::most + 10; ++i) {
      members_.push_back(node_.spawn<member>(&crowd_));
      EXPECT_EQ(members_.back().ask(member::ping{}, 5s).value(), 1) << "and has gone to rest soon";
    }
  }
  void speak_to_all() {
    for (const auto& one : members_) EXPECT_EQ(one.tell(member::word{}), errc::ok);
  }
  bool reached() { return crowd_.reached.pass(); }
  [[nodiscard]] int size() const { return static_cast<int>(members_.size()); }

  crowd crowd_;

 private:
  node node_ = testing_support::start_node();
  std::vector<actor_ref<member>> members_;
};

TEST_F(ReadyBatch, IsKnownOnItsThreadWhileItLives) {
  EXPECT_EQ(ready_batch::here(), nullptr);
  {
    ready_batch batch;
    EXPECT_EQ(ready_batch::here(), &batch);
  }
  EXPECT_EQ(ready_batch::here(), nullptr);
}

TEST_F(ReadyBatch, WhatItHoldsRunsWhenItEnds) {
  crowd_.awaited = size();
  {
    ready_batch batch;
    speak_to_all();
  }
  EXPECT_TRUE(reached());
}

TEST_F(ReadyBatch, WhatItHoldsRunsWhenItIsHandedOver) {
  crowd_.awaited = size();
  ready_batch batch;
  speak_to_all();
  batch.hand_over();

  EXPECT_TRUE(reached());
}

TEST_F(ReadyBatch, AFullOneIsHandedOverAndTheRestWaits) {
  crowd_.awaited = static_cast<int>(ready_batch::most);
  ready_batch batch;
  speak_to_all();

  EXPECT_TRUE(reached());
  EXPECT_LT(crowd_.spoken_to, size()) << "what came after that is still here";
}

}  // namespace
}  // namespace troupe
