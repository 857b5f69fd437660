#include "net/write_burst.hpp"

#include "net/send_queue.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {
namespace {

/// A connection that takes at most `room` bytes at a time.
class WriteBurst : public testing::Test {
 protected:
  WriteBurst() { write_burst::use(&burst); }
  ~WriteBurst() override { write_burst::use(nullptr); }

  outlet to_test() {
    outlet out;
    out.wake = [this] { ++wakes; };
    out.write_now = [this](std::span<const std::string_view> pieces) {
      ++writes;
      std::size_t taken = 0;
      for (const auto piece : pieces) {
        const auto part = piece.substr(0, room - taken);
        wire += part;
        taken += part.size();
      }
      return taken;
    };
    return out;
  }
  void push(const std::string& text) { EXPECT_EQ(queue->push(text), errc::ok); }
  static std::string framed(const std::vector<std::string>& texts) {
    std::string bytes;
    for (const auto& text : texts) append_frame(bytes, frame_kind::data, text);
    return bytes;
  }

  std::string wire;
  std::size_t room = std::size_t{1} << 20;
  int writes = 0, wakes = 0;
  write_burst burst;
  std::shared_ptr<send_queue> queue = std::make_shared<send_queue>(1 << 20, to_test());
};

TEST_F(WriteBurst, WhatIsPushedLeavesTogetherInOrder) {
  push("one");
  push("two");
  push("three");
  EXPECT_EQ(writes, 0);
  burst.flush();
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(wire, framed({"one", "two", "three"}));
  EXPECT_EQ(queue->bytes(), 0u);

  burst.flush();
  EXPECT_EQ(writes, 1) << "nothing more waits";
  push("four");
  burst.flush();
  EXPECT_EQ(wire, framed({"one", "two", "three", "four"}));
}

TEST_F(WriteBurst, WhatTheSocketDoesNotTakeIsForTheWriter) {
  room = 7;
  push("one");
  push("two");
  burst.flush();
  EXPECT_EQ(wakes, 1);
  push("three");
  burst.flush();
  EXPECT_EQ(writes, 1) << "the writer is at work";
  batch rest;
  ASSERT_TRUE(queue->take(rest));
  for (const auto piece : rest.rest()) wire += piece;
  EXPECT_EQ(wire, framed({"one", "two", "three"}));
  rest.advance(rest.size);
  queue->written(rest);
  EXPECT_FALSE(queue->take(rest));
  EXPECT_EQ(queue->bytes(), 0u);
}

TEST_F(WriteBurst, WhatTheWriterTakesMeanwhileIsNotWrittenTwice) {
  push("one");
  batch taken;
  ASSERT_TRUE(queue->take(taken));  // it had a ping to send
  push("two");
  burst.flush();
  EXPECT_EQ(writes, 0);
  EXPECT_EQ(taken.size, framed({"one"}).size());
}

TEST_F(WriteBurst, MuchLeavesByTheWriterAtOnce) {
  const std::string text(1000, 'x');
  std::size_t pushed = 0;
  for (; wakes == 0; ++pushed) push(text);
  EXPECT_NEAR(static_cast<double>(pushed * text.size()),
              static_cast<double>(send_queue::most_together), 1100);
  burst.flush();
  EXPECT_EQ(writes, 0);
}

TEST_F(WriteBurst, LargeFramesBehindItAreForTheWriter) {
  push("one");
  EXPECT_EQ(queue->push(std::string(send_queue::large_from, 'x')), errc::ok);
  burst.flush();
  EXPECT_EQ(wire, framed({"one"}));
  EXPECT_EQ(wakes, 1);
}

TEST_F(WriteBurst, AClosedConnectionIsLeftAlone) {
  push("one");
  queue->close();
  burst.flush();
  EXPECT_EQ(writes, 0);
  EXPECT_EQ(queue->push("two"), errc::unavailable);
}

TEST_F(WriteBurst, AThreadWithoutOneWritesAtOnce) {
  write_burst::use(nullptr);
  push("one");
  EXPECT_EQ(wire, framed({"one"}));
}

}  // namespace
}  // namespace troupe::net
