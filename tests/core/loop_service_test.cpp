#include "net/loop_service.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

/// A loop with nothing but what a test posts.
struct rig : std::enable_shared_from_this<rig> {
  asio::io_context io{1};
  asio::executor_work_guard<loop_executor> work{io.get_executor()};
  loop_service service{io};

  static std::shared_ptr<rig> start(detail::poller::relief others = {}) {
    auto made = std::make_shared<rig>();
    made->service.relieve(std::move(others));
    made->service.start(made);
    return made;
  }
  /// On which thread something that is posted now is done.
  std::future<std::thread::id> where() {
    auto done = std::make_shared<std::promise<std::thread::id>>();
    asio::post(io, [this, done] {
      EXPECT_TRUE(service.here());
      done->set_value(std::this_thread::get_id());
    });
    return done->get_future();
  }
  void stop() {
    asio::post(io, [this] { io.stop(); });
    service.join();
  }
};

bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

const auto yes = [] { return true; };
const auto no = [] { return false; };

TEST(LoopService, IsServedByItsThreadWhileNobodyElseCould) {
  const auto loop = rig::start({no, yes});
  const auto first = loop->where().get();
  EXPECT_NE(first, std::this_thread::get_id());
  EXPECT_EQ(loop->where().get(), first);
  EXPECT_FALSE(loop->service.unserved());
  EXPECT_FALSE(loop->service.begin()) << "its thread has it";
  loop->stop();
}

TEST(LoopService, IsServedByWhoeverTakesIt) {
  const auto loop = rig::start({yes, yes});
  (void)loop->where().get();
  ASSERT_TRUE(eventually([&] { return loop->service.begin(); }));
  EXPECT_FALSE(loop->service.unserved());
  auto where = loop->where();
  while (where.wait_for(0s) != std::future_status::ready) loop->service.serve();
  EXPECT_EQ(where.get(), std::this_thread::get_id());
  EXPECT_FALSE(loop->service.here()) << "not between two events";
  loop->service.end();
  EXPECT_TRUE(loop->service.unserved());
  loop->stop();
}

TEST(LoopService, IsTakenBackWhenNobodyComesAfterAll) {
  std::atomic<int> asked{0};
  const auto loop = rig::start({[&] { return ++asked > 0; }, no});
  const auto first = loop->where().get();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(loop->where().get(), first);
  EXPECT_GE(asked, 100);
  loop->stop();
}

TEST(LoopService, GoesBackToItsThreadWhenItIsTold) {
  const auto loop = rig::start({yes, yes});
  const auto first = loop->where().get();
  ASSERT_TRUE(eventually([&] { return loop->service.begin(); }));
  loop->service.serve_alone();  // somebody has it: nothing changes
  loop->service.end();
  auto waits = loop->where();
  EXPECT_EQ(waits.wait_for(20ms), std::future_status::timeout) << "nobody serves it";
  loop->service.serve_alone();
  EXPECT_EQ(waits.get(), first);
  loop->stop();
}

TEST(LoopService, AnInterruptEndsTheWaitingNowOrTheNextTime) {
  const auto loop = rig::start({yes, yes});
  (void)loop->where().get();
  ASSERT_TRUE(eventually([&] { return loop->service.begin(); }));
  loop->service.interrupt();
  loop->service.serve();
  loop->service.end();
  loop->stop();
}

TEST(LoopService, EndsWhileSomebodyElseServesIt) {
  const auto loop = rig::start({yes, yes});
  (void)loop->where().get();
  ASSERT_TRUE(eventually([&] { return loop->service.begin(); }));
  std::thread other{[&] {
    loop->service.serve();
    loop->service.end();
  }};
  loop->stop();
  other.join();
  EXPECT_FALSE(loop->service.unserved());
  EXPECT_FALSE(loop->service.begin()) << "closed";
}

TEST(LoopService, IsKeptUntilWhoServesItIsDone) {
  auto loop = rig::start({yes, yes});
  const std::weak_ptr<rig> seen = loop;
  (void)loop->where().get();
  ASSERT_TRUE(eventually([&] { return loop->service.begin(); }));
  asio::post(loop->io, [&] {
    auto* const inside = loop.get();
    inside->io.stop();
    inside->service.detach();
    loop.reset();  // the last one that we hold
    EXPECT_FALSE(seen.expired());
  });
  auto& service = loop->service;
  service.serve();
  service.end();
  EXPECT_TRUE(eventually([&] { return seen.expired(); }));
}

}  // namespace
}  // namespace troupe::net
