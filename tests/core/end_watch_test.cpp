#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>
#include <troupe/testing/recording_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

struct mortal {
  struct quit {};
  struct crash {};
  struct ping {};
  using protocol = troupe::protocol<void(quit), void(crash), int(ping)>;

  void on(quit, context& ctx) { ctx.stop(); }
  void on(crash) { throw std::runtime_error("boom"); }
  int on(ping) { return 1; }
};

/// Watches whom it is told to, and opens a gate when somebody is gone.
struct mourner {
  struct watch {
    actor_ref<mortal> whom;
    std::string as;
  };
  struct unwatch {
    actor_ref<mortal> whom;
  };
  struct gone {
    std::string who;
  };
  struct crash {};
  struct mourned {};
  using protocol =
      troupe::protocol<int(watch), int(unwatch), void(gone), void(crash), std::string(mourned)>;

  explicit mourner(gate* told) : told_(told) {}
  int on(watch m, context& ctx) { return static_cast<int>(ctx.watch(m.whom, gone{m.as})); }
  int on(unwatch m, context& ctx) {
    ctx.unwatch(m.whom);
    return 0;
  }
  void on(gone m) {
    all_ += m.who;
    (void)told_->pass();
  }
  void on(crash) { throw std::runtime_error("boom"); }
  std::string on(mourned) { return all_; }

 private:
  gate* told_;
  std::string all_;
};

class Watching : public ::testing::Test {
 protected:
  Watching() { told.open(); }
  void watch(const actor_ref<mortal>& whom, const std::string& as) {
    ASSERT_EQ(watcher.ask(mourner::watch{whom, as}, 5s).value(), 0);
  }
  std::string mourned() { return watcher.ask(mourner::mourned{}, 5s).value(); }

  gate told;
  node n = start_node();
  actor_ref<mourner> watcher = n.spawn<mourner>(&told);
  actor_ref<mortal> one = n.spawn<mortal>();
  actor_ref<mortal> other = n.spawn<mortal>();
};

TEST_F(Watching, TellsOfAnActorThatStoppedItself) {
  watch(one, "one");

  one.tell(mortal::quit{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "one");
}

TEST_F(Watching, TellsOfAnActorThatCrashed) {
  watch(one, "one");

  one.tell(mortal::crash{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "one");
}

TEST_F(Watching, TellsAtOnceOfAnActorThatHadEnded) {
  one.tell(mortal::quit{});
  watch(one, "first");
  ASSERT_TRUE(told.arrived());

  watch(one, "again");

  ASSERT_TRUE(told.arrived(2));
  EXPECT_EQ(mourned(), "firstagain");
}

TEST_F(Watching, TellsOfAReferenceToNowhereAtOnce) {
  watch({}, "nobody");

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "nobody");
}

TEST_F(Watching, TellsForEachTimeItWasAsked) {
  watch(one, "a");
  watch(one, "b");

  one.tell(mortal::quit{});

  ASSERT_TRUE(told.arrived(2));
  EXPECT_EQ(mourned().size(), 2u);
}

TEST_F(Watching, TellsNothingAfterUnwatch) {
  watch(one, "one");
  watch(other, "other");

  ASSERT_TRUE(watcher.ask(mourner::unwatch{one}, 5s).get().ok());
  one.tell(mortal::quit{});
  EXPECT_FALSE(one.ask(mortal::ping{}, 5s).get().ok());
  other.tell(mortal::quit{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "other");
}

/// Mends its child, whose address it gives away.
template <class T>
struct healer {
  struct child {};
  using protocol = troupe::protocol<actor_ref<T>(child)>;

  explicit healer(detail::birth how) : how_(std::move(how)) {
    how_.on_crash = [](const crash_report&) { return crash_verdict::restart; };
  }
  void started(context& ctx) { child_ = ctx.spawn_child<T>(how_); }
  actor_ref<T> on(child) { return child_; }

 private:
  detail::birth how_;
  actor_ref<T> child_;
};

template <class T, class... Args>
actor_ref<T> spawn_mended(node& n, Args... args) {
  return n.spawn<healer<T>>(detail::make_birth<T>(args...))
      .ask(typename healer<T>::child{}, 5s)
      .value();
}

TEST_F(Watching, TakesACrashThatIsMendedForNoEnd) {
  const auto phoenix = spawn_mended<mortal>(n);
  watch(phoenix, "phoenix");

  phoenix.tell(mortal::crash{});

  EXPECT_EQ(phoenix.ask(mortal::ping{}, 5s).value(), 1);
  EXPECT_EQ(mourned(), "");
  phoenix.tell(mortal::quit{});
  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "phoenix");
}

TEST_F(Watching, EndsWithTheLifeThatBeganIt) {
  watcher = spawn_mended<mourner>(n, &told);
  watch(one, "one");
  watcher.tell(mourner::crash{});
  watch(other, "other");

  one.tell(mortal::quit{});
  EXPECT_FALSE(one.ask(mortal::ping{}, 5s).get().ok());
  other.tell(mortal::quit{});

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(mourned(), "other");
}

TEST_F(Watching, ManyAreAllTold) {
  constexpr int many = 1000;
  std::vector<actor_ref<mortal>> all;
  for (int i = 0; i < many; ++i) {
    all.push_back(n.spawn<mortal>());
    watch(all.back(), ".");
  }

  for (const auto& ref : all) ref.tell(mortal::quit{});

  ASSERT_TRUE(told.arrived(many));
  EXPECT_EQ(mourned().size(), std::size_t{many});
}

TEST(WatchingInATest, TheTestDecidesWhoEnds) {
  gate told;
  told.open();
  mourner m{&told};
  testing::recording_context<mourner> ctx{m};
  const auto a = ctx.somebody<mortal>();
  const auto b = ctx.somebody<mortal>();
  (void)ctx.handle(mourner::watch{a, "a"});
  (void)ctx.handle(mourner::watch{b, "b"});
  (void)ctx.handle(mourner::unwatch{b});

  ctx.end(b);
  ctx.end(a);
  ctx.end(a);

  EXPECT_EQ(ctx.handle(mourner::mourned{}).value(), "a");
}

}  // namespace
}  // namespace troupe
