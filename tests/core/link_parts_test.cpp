// The parts of links that need no socket: back-off, heartbeat, line budget, send queue, routes.
#include "net/backoff.hpp"
#include "net/frame.hpp"
#include "net/heartbeat.hpp"
#include "net/line_budget.hpp"
#include "net/route_table.hpp"
#include "net/send_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

link_clock::time_point at(std::chrono::milliseconds t) {
  return link_clock::time_point{} + t;
}

link_options beats() {
  link_options limits;
  limits.heartbeat = 1s;
  limits.silence = 3s;
  return limits;
}

outlet waking(int& wakes) {
  return {[&wakes] { ++wakes; }, {}};
}

outlet ignored() {
  return {[] {}, {}};
}

std::string joined(const batch& what) {
  std::string bytes;
  for (const auto piece : what.rest()) bytes += piece;
  return bytes;
}

TEST(Backoff, CeilingsDoubleUpToTheLastAndPausesStayBelow) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    backoff pauses{50ms, 1000ms, seed};
    for (const auto ceiling : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
      EXPECT_EQ(pauses.ceiling(), ceiling);
      const auto pause = pauses.next();
      EXPECT_GE(pause, 0ms);
      EXPECT_LE(pause, ceiling);
    }
    pauses.reset();
    EXPECT_EQ(pauses.ceiling(), 50ms);
  }
}

TEST(Backoff, PausesSpreadOverTheWholeRange) {
  auto low = 1000ms;
  auto high = 0ms;
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    backoff pauses{1000ms, 1000ms, seed * 7919};
    low = std::min(low, pauses.next());
    high = std::max(high, pauses.next());
  }

  EXPECT_LT(low, 100ms);
  EXPECT_GT(high, 900ms);
}

TEST(Backoff, EqualSeedsGiveEqualPauses) {
  backoff one{50ms, 1000ms, 42};
  backoff two{50ms, 1000ms, 42};

  for (int i = 0; i < 20; ++i) EXPECT_EQ(one.next(), two.next());
}

TEST(Heartbeat, AsksAfterAHeartbeatAndGivesUpAfterTheSilence) {
  const pulse quiet{at(0s), at(0s)};

  EXPECT_EQ(examine(at(999ms), quiet, beats()).what, vital::well);
  EXPECT_EQ(examine(at(999ms), quiet, beats()).next, at(1s));
  EXPECT_EQ(examine(at(1s), quiet, beats()).what, vital::ask);
  EXPECT_EQ(examine(at(1500ms), {at(0s), at(1s)}, beats()).what, vital::well);
  EXPECT_EQ(examine(at(2s), {at(0s), at(1s)}, beats()).what, vital::ask);
  EXPECT_EQ(examine(at(2999ms), {at(0s), at(2s)}, beats()).next, at(3s));
  EXPECT_EQ(examine(at(3s), {at(0s), at(2s)}, beats()).what, vital::lost);
}

TEST(Heartbeat, WhoIsHeardIsNotAsked) {
  EXPECT_EQ(examine(at(10s), {at(9500ms), at(0s)}, beats()).what, vital::well);
  EXPECT_EQ(examine(at(10s), {at(9500ms), at(0s)}, beats()).next, at(10500ms));
}

TEST(LineBudget, TenLinesASecondThenACount) {
  line_budget budget{10};
  int allowed = 0;
  for (int i = 0; i < 100; ++i) allowed += budget.allow(at(5s));

  EXPECT_EQ(allowed, 10);
  EXPECT_FALSE(budget.allow(at(5999ms)));
  EXPECT_EQ(budget.take_denied(), 91u);
  EXPECT_EQ(budget.take_denied(), 0u);
  EXPECT_TRUE(budget.allow(at(6s)));
}

TEST(SendQueue, WakesTheWriterOnceUntilItFoundNothing) {
  int wakes = 0;
  send_queue queue{1000, waking(wakes)};
  batch taken;

  queue.push("a");
  queue.push("b");
  EXPECT_EQ(wakes, 1);
  EXPECT_TRUE(queue.take(taken));
  queue.push("c");
  EXPECT_EQ(wakes, 1);
  queue.written(taken);
  EXPECT_TRUE(queue.take(taken));
  queue.written(taken);
  EXPECT_FALSE(queue.take(taken));
  queue.push("d");
  EXPECT_EQ(wakes, 2);
}

TEST(SendQueue, PacksSmallFramesTogether) {
  send_queue queue{std::size_t{64} << 20, ignored()};
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string payload(i % 60, static_cast<char>(i));
    ASSERT_EQ(queue.push(payload), errc::ok);
    append_frame(expected, frame_kind::data, payload);
  }

  batch taken;
  ASSERT_TRUE(queue.take(taken));
  EXPECT_EQ(joined(taken), expected);
  EXPECT_EQ(taken.rest().size(), 3u);
}

TEST(SendQueue, BatchesEndNearOneMebibyte) {
  send_queue queue{std::size_t{64} << 20, ignored()};
  for (int i = 0; i < 600; ++i) queue.push(std::string(10'000, 'x'));

  batch taken;
  ASSERT_TRUE(queue.take(taken));
  EXPECT_GE(joined(taken).size(), send_queue::batch_size);
  EXPECT_LT(joined(taken).size(), send_queue::batch_size + send_queue::chunk_size);
}

TEST(SendQueue, CountsWhatWaitsAndWhatIsBeingWrittenAgainstItsLimit) {
  send_queue queue{3 * 15, ignored()};
  const std::string ten(10, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.push(ten), errc::ok);
  batch taken;

  EXPECT_EQ(queue.push({}), errc::overloaded);
  queue.take(taken);
  EXPECT_EQ(queue.push({}), errc::overloaded);
  queue.written(taken);
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_EQ(queue.push(ten), errc::ok);
}

TEST(SendQueue, ReusedChunksHoldNothingOfTheirPast) {
  send_queue queue{std::size_t{1} << 20, ignored()};
  batch taken;
  for (int round = 0; round < 20; ++round) {
    const std::string payload(100, static_cast<char>('a' + round));
    std::string expected;
    append_frame(expected, frame_kind::data, payload);
    queue.push(payload);
    ASSERT_TRUE(queue.take(taken));
    EXPECT_EQ(joined(taken), expected);
    queue.written(taken);
  }
}

TEST(SendQueue, AClosedOneDropsWhatWaitsAndTakesNothing) {
  send_queue queue{1000, ignored()};
  batch taken;
  queue.push("a");
  queue.close();

  EXPECT_EQ(queue.push("b"), errc::unavailable);
  EXPECT_FALSE(queue.take(taken));
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(RouteTable, OnlyWantedPeersHaveRoutesAndOnlyExactlyAsWanted) {
  route_table routes;
  const peer old_b{"b", 1, {"127.0.0.1", 4001}};
  const peer new_b{"b", 2, {"127.0.0.1", 4001}};
  const auto queue = std::make_shared<send_queue>(1000, ignored());

  EXPECT_FALSE(routes.open(old_b, queue));
  routes.want({{"b", old_b}});
  EXPECT_TRUE(routes.open(old_b, queue));
  EXPECT_EQ(routes.find("b"), queue);
  routes.want({{"b", new_b}});
  EXPECT_EQ(routes.find("b"), nullptr);
  EXPECT_EQ(queue->push("x"), errc::unavailable);
  EXPECT_FALSE(routes.open(old_b, queue));
}

TEST(RouteTable, AnEndedQueueDoesNotEndTheRouteOfItsSuccessor) {
  route_table routes;
  const peer b{"b", 1, {"127.0.0.1", 4001}};
  const auto older = std::make_shared<send_queue>(1000, ignored());
  const auto newer = std::make_shared<send_queue>(1000, ignored());
  routes.want({{"b", b}});
  routes.open(b, older);
  routes.open(b, newer);

  routes.close("b", older);
  EXPECT_EQ(routes.find("b"), newer);
  EXPECT_EQ(newer->push("x"), errc::ok);
}

}  // namespace
}  // namespace troupe::net
