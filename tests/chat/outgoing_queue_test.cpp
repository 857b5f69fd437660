#include "gateway/outgoing_queue.hpp"

#include "gateway/frames.hpp"

#include <gtest/gtest.h>

namespace chat::gate {
namespace {

using pushed = outgoing_queue::pushed;

wire_frame bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string gathered(outgoing_queue& queue) {
  std::string out;
  for (const auto& piece : queue.gather()) {
    out.append(static_cast<const char*>(piece.data()), piece.size());
  }
  return out;
}

TEST(OutgoingQueue, AsksForOneWakeUntilItIsEmptyAgain) {
  outgoing_queue queue(100);
  EXPECT_EQ(queue.push(bytes("a")), pushed::wake);
  EXPECT_EQ(queue.push(bytes("b")), pushed::queued);

  ASSERT_TRUE(queue.next_batch());
  EXPECT_EQ(queue.push(bytes("c")), pushed::queued);
  queue.wrote(2);
  ASSERT_TRUE(queue.next_batch());
  queue.wrote(1);

  EXPECT_FALSE(queue.next_batch());
  EXPECT_EQ(queue.push(bytes("d")), pushed::wake);
}

TEST(OutgoingQueue, GoesOnInTheMiddleOfAFrame) {
  outgoing_queue queue(100);
  queue.push(bytes("abc"));
  queue.push(bytes("def"));
  ASSERT_TRUE(queue.next_batch());

  EXPECT_EQ(queue.wrote(4), 1u);

  EXPECT_EQ(gathered(queue), "ef");
  EXPECT_EQ(queue.wrote(2), 1u);
  EXPECT_FALSE(queue.next_batch());
}

TEST(OutgoingQueue, GathersAtMost64PiecesAtOnce) {
  outgoing_queue queue(1000);
  for (int n = 0; n < 100; ++n) queue.push(bytes("x"));
  ASSERT_TRUE(queue.next_batch());

  EXPECT_EQ(queue.gather().size(), 64u);
  queue.wrote(64);
  EXPECT_EQ(queue.gather().size(), 36u);
}

TEST(OutgoingQueue, HoldsExactlyItsLimitAndEndsBeyond) {
  outgoing_queue queue(10);
  EXPECT_EQ(queue.push(bytes("12345")), pushed::wake);
  EXPECT_EQ(queue.push(bytes("67890")), pushed::queued);
  EXPECT_EQ(queue.push(bytes("x")), pushed::full);
  EXPECT_EQ(queue.push(bytes("x")), pushed::ended);

  ASSERT_TRUE(queue.next_batch());
  EXPECT_EQ(gathered(queue), *backlog_full_frame());
}

TEST(OutgoingQueue, WhatIsWrittenMakesRoom) {
  outgoing_queue queue(10);
  queue.push(bytes("1234567890"));
  ASSERT_TRUE(queue.next_batch());
  queue.wrote(6);

  EXPECT_EQ(queue.push(bytes("123456")), pushed::queued);
  EXPECT_EQ(queue.push(bytes("1")), pushed::full);
}

TEST(OutgoingQueue, BeyondTheLimitTheRestOfAFrameInWritingStays) {
  outgoing_queue queue(10);
  queue.push(bytes("abcd"));
  queue.push(bytes("efgh"));
  ASSERT_TRUE(queue.next_batch());
  queue.wrote(2);
  EXPECT_EQ(queue.push(bytes("too much")), pushed::full);

  queue.drop_if_told();

  EXPECT_EQ(gathered(queue), "cd");
  queue.wrote(2);
  ASSERT_TRUE(queue.next_batch());
  EXPECT_EQ(gathered(queue), *backlog_full_frame());
}

TEST(OutgoingQueue, EndsOnceAndKeepsWhatWaitsWhenTold) {
  outgoing_queue queue(100);
  queue.push(bytes("first "));

  EXPECT_TRUE(queue.end(bytes("last"), outgoing_queue::rest::keep));
  EXPECT_FALSE(queue.end(bytes("again"), outgoing_queue::rest::keep));

  ASSERT_TRUE(queue.next_batch());
  EXPECT_EQ(gathered(queue), "first last");
}

}  // namespace
}  // namespace chat::gate
