// Large frames among small ones: pieces, order by receiver, what is under way, and forged pieces.
#include "links_fixture.hpp"
#include "net/assembly.hpp"
#include "net/bulk_queue.hpp"
#include "net/send_queue.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::net {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::uint64_t ann = 1;
constexpr std::uint64_t bob = 2;

receivers only(const std::uint64_t& who) {
  return {&who, 1};
}

/// The other end of a queue: takes batches, reads what would come out there, counts pieces.
class far_end {
 public:
  explicit far_end(send_queue& queue) : queue_(queue) {}

  /// False when nothing may leave.
  bool take() {
    batch taken;
    if (!queue_.take(taken)) return false;
    for (const auto piece : taken.rest()) read(piece);
    queue_.written(taken);
    return true;
  }

  void take_all() {
    while (take() || receipt()) {
    }
  }

  /// Tells that everything was handled; false when that was nothing.
  bool receipt() {
    EXPECT_TRUE(queue_.taken(pieces));
    return std::exchange(pieces, 0) > 0;
  }

  std::vector<std::string> frames;
  std::size_t pieces = 0;  // bytes of them since the last receipt

 private:
  void read(std::string_view bytes) {
    reader_.feed(bytes);
    for (auto next = reader_.next(); next.value(); next = reader_.next()) on_frame(**next);
  }

  void on_frame(const frame& f) {
    if (f.kind == frame_kind::data) return frames.emplace_back(f.payload), void();
    pieces += frame_header_size + f.payload.size();
    if (f.kind == frame_kind::part) return assembly_.add(f.payload).value();
    frames.emplace_back(assembly_.finish(f.payload).value());
  }

  send_queue& queue_;
  frame_reader reader_{64 * mib};
  assembly assembly_{64 * mib};
};

struct loose_end {
  send_queue queue{64 * mib, {[] {}, {}}};
  far_end far{queue};
};

TEST(SendQueue, SmallFramesForOthersPassBetweenThePiecesOfALargeOne) {
  loose_end end;
  end.queue.push(std::string(4 * mib, 'L'), only(ann));
  ASSERT_TRUE(end.far.take());
  end.queue.push("small", only(bob));

  ASSERT_TRUE(end.far.take());
  EXPECT_EQ(end.far.frames, std::vector<std::string>{"small"});
  end.far.take_all();
  ASSERT_EQ(end.far.frames.size(), 2u);
  EXPECT_EQ(end.far.frames[1], std::string(4 * mib, 'L'));
}

TEST(SendQueue, ASmallFrameStaysBehindALargeOneForItsReceiver) {
  loose_end end;
  end.queue.push(std::string(4 * mib, 'L'), only(ann));
  end.queue.push("behind", only(ann));
  end.queue.push("for both", std::array{bob, ann});
  end.queue.push("too", only(bob));  // has bob in common with the one before
  end.queue.push("free", only(3));

  end.far.take_all();
  ASSERT_EQ(end.far.frames.size(), 5u);
  EXPECT_EQ(end.far.frames[0], "free");
  EXPECT_EQ((std::vector<std::string>{end.far.frames.begin() + 2, end.far.frames.end()}),
            (std::vector<std::string>{"behind", "for both", "too"}));
}

TEST(SendQueue, ALargeFrameStaysBehindTheSmallOnesBeforeIt) {
  loose_end end;
  const std::size_t count = 3 * send_queue::batch_size / 1000;
  for (std::size_t i = 0; i < count; ++i) end.queue.push(std::string(1000, 's'), only(ann));
  end.queue.push(std::string(20 * kib, 'L'), only(ann));

  end.far.take_all();
  ASSERT_EQ(end.far.frames.size(), count + 1);
  EXPECT_EQ(end.far.frames.back(), std::string(20 * kib, 'L'));
}

TEST(SendQueue, AFrameForEverybodyKeepsItsOrderWithAll) {
  loose_end end;
  end.queue.push(std::string(mib, 'L'), only(ann));
  end.queue.push("everybody");
  end.queue.push("bob", only(bob));

  end.far.take_all();
  ASSERT_EQ(end.far.frames.size(), 3u);
  EXPECT_EQ(end.far.frames[1], "everybody");
  EXPECT_EQ(end.far.frames[2], "bob");
}

TEST(SendQueue, NoMoreThanTheWindowIsUnderWayUntilItIsTaken) {
  loose_end end;
  end.queue.push(std::string(10 * mib, 'L'), only(ann));
  while (end.far.take()) {
  }

  EXPECT_GE(end.far.pieces, bulk_queue::window);
  EXPECT_LT(end.far.pieces, bulk_queue::window + bulk_queue::part_size + 2 * frame_header_size);
  end.queue.push("small", only(bob));
  EXPECT_TRUE(end.far.take());
  EXPECT_EQ(end.far.frames, std::vector<std::string>{"small"});
  EXPECT_FALSE(end.queue.taken(end.far.pieces + 1));
  EXPECT_TRUE(end.far.receipt());
  EXPECT_TRUE(end.far.take());
}

TEST(SendQueue, ManySmallFramesDoNotHoldUpALargeOneForEver) {
  loose_end end;
  end.queue.push(std::string(mib, 'L'), only(ann));
  for (int i = 0; i < 20 && end.queue.bytes() > 0; ++i) {
    for (int k = 0; k < 200; ++k) end.queue.push(std::string(10'000, 's'), only(bob));
    end.far.take();
    end.far.receipt();
  }

  EXPECT_EQ(std::count(end.far.frames.begin(), end.far.frames.end(), std::string(mib, 'L')), 1);
}

TEST(SendQueue, FramesWithAReceiverInCommonKeepTheirOrderWhateverTheTraffic) {
  std::mt19937_64 random{testing_support::seed()};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 30; ++round) {
    loose_end end;
    std::vector<std::vector<std::uint64_t>> whom;
    std::vector<std::string> sent;
    for (std::uint32_t i = 0; i < 300; ++i) {
      whom.emplace_back(below(4) == 0 ? below(4) : 1);
      for (auto& who : whom.back()) who = below(5);
      std::string payload(4 + (below(5) == 0 ? below(400 * kib) : below(100)), 'x');
      std::copy_n(reinterpret_cast<const char*>(&i), 4, payload.begin());
      sent.push_back(payload);
      ASSERT_EQ(end.queue.give(std::move(payload), whom.back()), errc::ok);
      if (below(3) == 0) end.far.take();
      if (below(5) == 0) end.far.receipt();
    }
    end.far.take_all();

    ASSERT_EQ(end.far.frames.size(), sent.size());
    EXPECT_EQ(end.queue.bytes(), 0u);
    std::map<std::uint64_t, std::int64_t> newest;
    std::int64_t newest_of_all = -1;
    std::int64_t newest_for_all = -1;
    for (const auto& frame : end.far.frames) {
      std::uint32_t i = 0;
      std::copy_n(frame.begin(), 4, reinterpret_cast<char*>(&i));
      ASSERT_TRUE(frame == sent[i]);
      ASSERT_TRUE(!whom[i].empty() || i > newest_of_all) << "round " << round;
      ASSERT_GT(i, newest_for_all) << "round " << round;
      for (const auto who : whom[i]) {
        const auto [before, is_new] = newest.emplace(who, -1);
        ASSERT_GE(i, before->second) << "round " << round;
        before->second = i;
      }
      newest_of_all = std::max<std::int64_t>(newest_of_all, i);
      if (whom[i].empty()) newest_for_all = i;
    }
  }
}

/// A socket that takes so many bytes from who pushes, and everything from the writer.
struct narrow_socket {
  explicit narrow_socket(std::size_t takes) : room(takes) {}

  std::size_t write(std::span<const std::string_view> pieces) {
    std::string all;
    for (const auto piece : pieces) all += piece;
    const std::size_t now = std::min(room, all.size());
    bytes += all.substr(0, now);
    room -= now;
    return now;
  }

  std::size_t room;
  std::string bytes;
  int wakes = 0;
  send_queue queue{mib,
                   {[this] { ++wakes; },
                    [this](std::span<const std::string_view> pieces) { return write(pieces); }}};
};

TEST(SendQueue, WhoFindsTheConnectionAtRestWritesAtOnce) {
  narrow_socket socket{100};
  EXPECT_EQ(socket.queue.push("at rest"), errc::ok);

  EXPECT_EQ(socket.bytes.size(), frame_header_size + 7);
  EXPECT_EQ(socket.queue.bytes(), 0u);
  EXPECT_EQ(socket.wakes, 0);
}

TEST(SendQueue, WhatTheSocketDoesNotTakeAtOnceLeavesFirst) {
  for (std::size_t room = 0; room < frame_header_size + 7; ++room) {
    narrow_socket socket{room};
    socket.queue.push("at rest");
    EXPECT_EQ(socket.bytes.size(), room);
    EXPECT_EQ(socket.queue.bytes(), frame_header_size + 7 - room);
    EXPECT_EQ(socket.wakes, 1);
    socket.queue.push("next");
    batch taken;
    ASSERT_TRUE(socket.queue.take(taken));
    for (const auto piece : taken.rest()) socket.bytes += piece;
    socket.queue.written(taken);

    std::string expected;
    append_frame(expected, frame_kind::data, "at rest");
    append_frame(expected, frame_kind::data, "next");
    EXPECT_EQ(socket.bytes, expected);
    EXPECT_EQ(socket.queue.bytes(), 0u);
  }
}

TEST(SendQueue, ABatchOutlivesTheQueueBeingClosed) {
  batch taken;
  send_queue queue{64 * mib, {[] {}, {}}};
  queue.push(std::string(mib, 'L'), only(ann));
  queue.push("small", only(bob));
  ASSERT_TRUE(queue.take(taken));
  queue.close();

  std::size_t sum = 0;
  for (const auto piece : taken.rest())
    sum += static_cast<std::size_t>(piece[0] != '?') * piece.size();
  EXPECT_EQ(sum, taken.size);
  queue.written(taken);
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(Assembly, TakesExactlyTheLimitInPiecesAndRefusesOneByteMore) {
  assembly at{100};
  EXPECT_TRUE(at.add(std::string(60, 'a')).ok());
  EXPECT_EQ(at.finish(std::string(40, 'b')).value(), std::string(60, 'a') + std::string(40, 'b'));
  EXPECT_EQ(at.bytes(), 0u);
  EXPECT_EQ(at.finish("alone").value(), "alone");

  assembly above{100};
  EXPECT_TRUE(above.add(std::string(60, 'a')).ok());
  EXPECT_EQ(above.bytes(), 60u);
  EXPECT_EQ(above.finish(std::string(41, 'b')).code(), errc::too_large);
  EXPECT_EQ(assembly{100}.add("").code(), errc::malformed);
  EXPECT_EQ(assembly{100}.finish("").value(), "");
}

}  // namespace
}  // namespace troupe::net
