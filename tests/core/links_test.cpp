// Links between real nodes on loopback: order, bounds, and peers that break, stall and come back.
#include "net/links.hpp"

#include "links_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <netdb.h>
#include <string>
#include <thread>
#include <vector>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

TEST(Links, TenThousandFramesOfTwoProducersArriveInTheOrderOfEach) {
  constexpr int each = 5000;
  test_node a{"a"};
  test_node b{"b"};
  ASSERT_TRUE(connect(a, b));

  const auto produce = [&](char who) {
    for (int i = 0; i < each; ++i) {
      ASSERT_TRUE(a.send_all(
          "b", who + std::to_string(i) + std::string(i % 97 == 0 ? 40'000 : i % 50, '.')));
    }
  };
  std::thread one{produce, 'x'};
  std::thread two{produce, 'y'};
  one.join();
  two.join();

  ASSERT_TRUE(b.seen.wait_frames("a", 2 * each));
  std::map<char, int> next;
  for (const auto& frame : b.seen.frames("a")) {
    const int i = next[frame[0]]++;
    ASSERT_EQ(frame,
              frame[0] + std::to_string(i) + std::string(i % 97 == 0 ? 40'000 : i % 50, '.'));
  }
  EXPECT_EQ(next['x'], each);
  EXPECT_EQ(next['y'], each);
}

TEST(Links, BothSidesSpeakAndAnEmptyFrameIsAFrame) {
  test_node a{"a"};
  test_node b{"b"};
  ASSERT_TRUE(connect(a, b));

  EXPECT_EQ(a.net->send("b", ""), errc::ok);
  EXPECT_EQ(b.net->send("a", "hi"), errc::ok);
  ASSERT_TRUE(b.seen.wait_frames("a", 1));
  ASSERT_TRUE(a.seen.wait_frames("b", 1));
  EXPECT_EQ(b.seen.frames("a"), std::vector<std::string>{""});
  EXPECT_EQ(a.seen.frames("b"), std::vector<std::string>{"hi"});
}

TEST(Links, WhoIsNotAPeerOrNotReachableIsUnavailable) {
  test_node a{"a"};
  const auto nobody = raw_socket::listening();
  a.net->set_peers({{"silent", 1, nobody.address()}});

  EXPECT_EQ(a.net->send("unknown", "x"), errc::unavailable);
  EXPECT_EQ(a.net->send("silent", "x"), errc::unavailable);
  EXPECT_FALSE(a.net->reachable("silent"));
}

TEST(Links, AFrameOfMaxFramePassesAndOneByteMoreIsTooLarge) {
  link_options limits;
  limits.max_frame = limits.send_queue =
      1u << 20;  // the queue has no room for the header: it must fit
  test_node a{"a", limits};
  test_node b{"b", limits};
  ASSERT_TRUE(connect(a, b));

  const std::string largest(limits.max_frame, 'x');
  EXPECT_EQ(a.net->send("b", largest), errc::ok);
  EXPECT_EQ(a.net->send("b", largest + 'x'), errc::too_large);
  ASSERT_TRUE(b.seen.wait_frames("a", 1));
  EXPECT_TRUE(b.seen.frames("a")[0] == largest);
}

TEST(Links, AnAddressInUseIsToldWithTheAddress) {
  test_node a{"a"};
  reports nothing;

  const auto second = links::open({"test", {"b", 1, a.self.address}, {}}, a.log, nothing.events());
  ASSERT_EQ(second.code(), errc::address_in_use);
  EXPECT_EQ(second.why().what, to_string(a.self.address) +
                                   " is in use by another process; choose another [node] listen");
}

TEST(Links, AnAddressOfAnotherMachineIsRefusedWithASentence) {
  test_node a{"a"};
  reports nothing;

  const auto out = links::open({"test", {"b", 1, {"192.0.2.1", 0}}, {}}, a.log, nothing.events());
  ASSERT_EQ(out.code(), errc::invalid_config);
  EXPECT_NE(out.why().what.find("cannot listen on 192.0.2.1:0"), std::string::npos);
}

TEST(Links, APeerIsFoundByTheNameOfItsHost) {
  if (gethostbyname("localhost") == nullptr) GTEST_SKIP() << "this machine does not know localhost";
  test_node a{"a"};
  test_node b{"b"};
  b.self.address.host = "localhost";

  a.net->set_peers({b.self});
  EXPECT_TRUE(a.seen.wait_reachable("b", true));
}

TEST(Links, APeerThatStopsReadingOverloadsItsOwnQueueOnly) {
  link_options limits;
  limits.send_queue = 1u << 20;
  limits.heartbeat = limits.silence = 60s;  // it shall stay, however long this takes
  test_node a{"a", limits};
  test_node b{"b"};
  auto door = raw_socket::listening();
  const peer stuck{"stuck", 1, door.address()};
  a.net->set_peers({b.self, stuck});
  const auto taken = welcome_one(door, stuck);
  ASSERT_TRUE(a.seen.wait_reachable("stuck", true));
  ASSERT_TRUE(a.seen.wait_reachable("b", true));

  // What the kernel holds for both ends is bounded too, so the queue must fill long before this
  // many.
  const std::string frame(1000, 'x');
  int sent = 0;
  errc refused = errc::ok;
  while (sent < 100'000 && (refused = a.net->send("stuck", frame)) == errc::ok) ++sent;
  EXPECT_GT(sent, 1000);
  EXPECT_LT(sent, 100'000);
  EXPECT_EQ(refused, errc::overloaded);
  EXPECT_TRUE(a.net->reachable("stuck"));

  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(a.send_all("b", frame));
  EXPECT_TRUE(b.seen.wait_frames("a", 1000));
}

TEST(Links, APeerThatGoesSilentIsReportedWithinTheSilence) {
  const auto limits = quick_limits();
  test_node a{"a", limits};
  auto door = raw_socket::listening();
  const peer mute{"mute", 1, door.address()};
  a.net->set_peers({mute});
  auto taken = welcome_one(door, mute);
  const auto welcomed = std::chrono::steady_clock::now();
  ASSERT_TRUE(a.seen.wait_reachable("mute", true));

  const auto asked = taken.hear();
  ASSERT_TRUE(asked && asked->first == frame_kind::ping);
  ASSERT_TRUE(a.seen.wait_reachable("mute", false));
  const auto silent = std::chrono::steady_clock::now() - welcomed;
  EXPECT_GE(silent, limits.silence - 50ms);
  EXPECT_LT(silent, limits.silence * 2);
  EXPECT_EQ(a.net->send("mute", "x"), errc::unavailable);
}

TEST(Links, APeerThatAnswersPingsStaysReachable) {
  auto limits = quick_limits();
  limits.heartbeat = 20ms;
  test_node a{"a", limits};
  auto door = raw_socket::listening();
  const peer quiet{"quiet", 1, door.address()};
  a.net->set_peers({quiet});
  auto taken = welcome_one(door, quiet);
  ASSERT_TRUE(a.seen.wait_reachable("quiet", true));

  const auto end = std::chrono::steady_clock::now() + 2 * limits.silence;
  while (std::chrono::steady_clock::now() < end) {
    const auto asked = taken.hear();
    ASSERT_TRUE(asked && asked->first == frame_kind::ping);
    taken.say(frame_kind::pong, {});
  }
  EXPECT_EQ(a.seen.turns("quiet"), std::vector<bool>{true});
}

TEST(Links, APeerThatComesBackOnItsPortIsReachedAgain) {
  test_node a{"a", quick_limits()};
  auto b = std::make_unique<test_node>("b", quick_limits());
  const auto port = b->self.address.port;
  ASSERT_TRUE(connect(a, *b));

  b.reset();
  ASSERT_TRUE(a.seen.wait_reachable("b", false, 2));
  EXPECT_EQ(a.net->send("b", "lost"), errc::unavailable);
  b = std::make_unique<test_node>("b", quick_limits(), port);
  ASSERT_TRUE(a.seen.wait_reachable("b", true, 3));
  EXPECT_EQ(a.net->send("b", "again"), errc::ok);
  ASSERT_TRUE(b->seen.wait_frames("a", 1));
  EXPECT_EQ(b->seen.frames("a"), std::vector<std::string>{"again"});
}

TEST(Links, ARemovedPeerIsUnavailableAtOnceAndReportedUnreachable) {
  test_node a{"a"};
  test_node b{"b"};
  ASSERT_TRUE(connect(a, b));

  a.net->set_peers({a.self});
  EXPECT_EQ(a.net->send("b", "x"), errc::unavailable);
  EXPECT_TRUE(a.seen.wait_reachable("b", false, 2));
}

TEST(Links, APeerTakenAwayAndGivenBackIsReachableAgain) {
  test_node a{"a", quick_limits()};
  test_node b{"b", quick_limits()};
  ASSERT_TRUE(connect(a, b));

  for (std::size_t round = 1; round <= 20; ++round) {
    a.net->set_peers({});
    a.net->set_peers({b.self});
    ASSERT_TRUE(a.seen.wait_reachable("b", true, 2 * round + 1)) << "round " << round;
  }
}

TEST(Links, APeerIsReachableOnlyInTheExpectedIncarnation) {
  test_node a{"a", quick_limits()};
  test_node b{"b", quick_limits()};
  ASSERT_TRUE(connect(a, b));

  b.self.incarnation = 2;
  a.net->set_peers({b.self});
  ASSERT_TRUE(a.seen.wait_reachable("b", false, 2));
  EXPECT_EQ(a.net->send("b", "too early"), errc::unavailable);
  b.net->set_incarnation(2);
  ASSERT_TRUE(a.seen.wait_reachable("b", true, 3));
  EXPECT_EQ(a.net->send("b", "now"), errc::ok);
  EXPECT_TRUE(b.seen.wait_frames("a", 1));
}

TEST(Links, CallbacksMaySendAndChangePeers) {
  test_node a{"a"};
  reports echoed;
  std::atomic<links*> self{nullptr};
  auto events = echoed.events();
  events.on_frame = [&](const std::string& from, std::string_view frame) {
    self.load()->send(from, frame);
    self.load()->set_peers({a.self});
  };
  const auto echo = links::open({"test", {"echo", 1, {}}, {}}, a.log, events).value();
  self = echo.get();
  echo->set_peers({a.self});
  ASSERT_TRUE(echoed.wait_reachable("a", true));
  a.net->set_peers({{"echo", 1, echo->listening()}});
  ASSERT_TRUE(a.seen.wait_reachable("echo", true));

  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.net->send("echo", std::to_string(i)), errc::ok);
  ASSERT_TRUE(a.seen.wait_frames("echo", 100));
  EXPECT_EQ(a.seen.frames("echo")[99], "99");
}

TEST(Links, DestroyingWhileTrafficRunsIsCleanAndPrompt) {
  for (int round = 0; round < 10; ++round) {
    test_node a{"a"};
    auto b = std::make_unique<test_node>("b");
    ASSERT_TRUE(connect(a, *b));
    std::atomic<bool> go{true};
    std::thread traffic{[&] {
      while (go) (void)a.net->send("b", std::string(500, 'x'));
    }};
    EXPECT_TRUE(b->seen.wait_frames("a", 100));

    const auto before = std::chrono::steady_clock::now();
    b.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_TRUE(a.seen.wait_reachable("b", false, 2));
    go = false;
    traffic.join();
  }
}

TEST(Links, NothingIsReportedOnceDestroyed) {
  test_node a{"a"};
  auto heard = std::make_unique<std::atomic<int>>(0);
  std::atomic<bool> any{false};
  auto b =
      links::open(
          {"test", {"b", 1, {}}, {}}, a.log,
          {[&](const std::string&, std::string_view) { ++*heard, any = true, any.notify_all(); },
           [&](const std::string&, bool) { ++*heard; }})
          .value();
  a.net->set_peers({{"b", 1, b->listening()}});
  ASSERT_TRUE(a.seen.wait_reachable("b", true));
  for (int i = 0; i < 20'000; ++i) (void)a.net->send("b", "x");
  any.wait(false);

  b.reset();
  heard.reset();  // a report now would be a use after free
  EXPECT_TRUE(a.seen.wait_reachable("b", false, 2));
}

TEST(Links, ACallbackMayDestroyThem) {
  test_node a{"a"};
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto slot = std::make_shared<std::unique_ptr<links>>();
  auto b = links::open({"test", {"b", 1, {}}, {}}, a.log,
                       {[slot, ended](const std::string&, std::string_view) {
                          if (!*slot) return;
                          slot->reset();
                          *ended = true;
                          ended->notify_all();
                        },
                        [](const std::string&, bool) {}})
               .value();
  const endpoint where = b->listening();
  *slot = std::move(b);
  a.net->set_peers({{"b", 1, where}});
  ASSERT_TRUE(a.seen.wait_reachable("b", true));

  for (int i = 0; i < 100; ++i) (void)a.net->send("b", "x");
  ended->wait(false);
  EXPECT_TRUE(a.seen.wait_reachable("b", false, 2));
}

}  // namespace
}  // namespace troupe::net
