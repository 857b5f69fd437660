#include "seed.hpp"
#include <troupe/supervision/supervisor_core.hpp>

#include <gtest/gtest.h>

#include <map>

namespace troupe::supervision {
namespace {

// How children end by themselves.
constexpr exit_kind kinds[] = {exit_kind::normal, exit_kind::shutdown, exit_kind::killed,
                               exit_kind::crashed};

using namespace std::chrono_literals;

/// Children whose starts, ends and deadlines come in any order, between calls and the clock.
class chaos {
 public:
  explicit chaos(std::uint64_t seed) : random_(seed), core_(make()) {
    tell(event::start{});
    const int events = below(60);
    for (int i = 0; i < events; ++i) happen();
  }

  /// Asked to stop, and with every child answering at last, it ends; or had before.
  void stop() {
    tell(event::stop{{exit_kind::shutdown, {}}});
    for (int i = 0; i < 10'000 && !core_.has_ended(); ++i) answer();
    EXPECT_TRUE(core_.has_ended());
    EXPECT_EQ(exits_, 1);
    EXPECT_TRUE(timers_.empty());
    for (const auto& [who, told] : live_) EXPECT_TRUE(told.is_abandoned) << who;
    EXPECT_EQ(calls_, 0) << "calls without a reply";
  }

 private:
  struct run {
    child_run who;
    bool is_up = false, is_asked = false, is_killed = false, is_abandoned = false;
  };

  int below(int end) { return static_cast<int>(random_() % static_cast<std::uint64_t>(end)); }

  child_policy draw_child() {
    child_policy child{.id = std::to_string(below(5))};
    child.restart = static_cast<restart>(below(3));
    if (below(3) == 0) child.shutdown = shutdown::infinity();
    if (below(4) == 0) child.shutdown = shutdown::brutal_kill();
    if (below(3) == 0) child.backoff.first = 100ms;
    child.significant = child.restart != restart::permanent && below(4) == 0;
    return child;
  }

  supervisor_core make() {
    supervisor_policy of;
    of.strategy = static_cast<strategy>(below(4));
    of.intensity = {static_cast<std::size_t>(below(9)), 5s};
    of.auto_shutdown = static_cast<auto_shutdown>(below(3));
    std::vector<child_policy> children;
    for (int i = 0; of.strategy != strategy::simple && i < below(6); ++i) {
      children.push_back(draw_child());
      children.back().id = std::to_string(i);
    }
    next_ = children.size();
    return {of, std::move(children), otp_rules(), random_()};
  }

  void happen() {
    const int what = below(10);
    if (what < 6) return answer();
    now_ += 10ms * below(200);
    const child_name who = below(2) ? child_name{static_cast<child_key>(below(8))}
                                    : child_name{std::to_string(below(5))};
    if (what == 6) call(event::start_child{1, next_++, draw_child()});
    if (what == 7) call(event::terminate_child{1, who});
    if (what == 8) call(event::restart_child{1, who});
    if (what == 9) call(event::delete_child{1, who});
  }

  /// One child, or one timer, says something that it may say now.
  void answer() {
    if (!timers_.empty() && (live_.empty() || below(3) == 0)) {
      const event::timer due = timers_.begin()->second;
      now_ = std::max(now_, timers_.begin()->first);
      timers_.erase(timers_.begin());
      return tell(due);
    }
    if (live_.empty()) return;
    auto at = std::next(live_.begin(), below(static_cast<int>(live_.size())));
    run& child = at->second;
    if (child.is_abandoned) return;
    if (child.is_killed && below(3) == 0) {
      child.is_abandoned = true;
      return tell(event::unkillable{child.who});
    }
    if (!child.is_up && below(2) == 0) {
      child.is_up = true;
      return tell(event::started{child.who});
    }
    const child_run who = child.who;
    const bool was_up = child.is_up;
    live_.erase(at);
    if (was_up) return tell(event::exited{who, {kinds[below(4)], "boom"}});
    below(4) ? tell(event::failed{who, "boom"}) : tell(event::ignored{who});
  }

  void call(supervisor_event what) { ++calls_, tell(std::move(what)); }

  void tell(supervisor_event what) {
    for (const supervisor_action& a : core_.step(now_, std::move(what))) {
      EXPECT_EQ(exits_ == 0 || std::holds_alternative<action::reply>(a), true) << "after the end";
      std::visit([this](const auto& one) { on(one); }, a);
    }
  }

  void on(const action::start& a) {
    for (const auto& [number, child] : live_) {
      EXPECT_TRUE(child.who.child != a.who.child || child.is_abandoned) << "twice at a time";
    }
    EXPECT_TRUE(live_.try_emplace(a.who.run, run{a.who}).second);
  }
  void on(const action::stop& a) {
    EXPECT_FALSE(std::exchange(live_.at(a.who.run).is_asked, true)) << "asked twice";
  }
  void on(const action::kill& a) {
    EXPECT_FALSE(std::exchange(live_.at(a.who.run).is_killed, true)) << "killed twice";
  }
  void on(const action::set_timer& a) { timers_.emplace(a.at, event::timer{a.child, a.number}); }
  void on(const action::cancel_timer& a) {
    std::erase_if(timers_, [&a](const auto& t) { return t.second.number == a.number; });
  }
  void on(const action::forget& /*a*/) {}
  void on(const action::reply& /*a*/) { --calls_; }
  void on(const report& r) { EXPECT_FALSE(to_string(r).empty()); }
  void on(const action::ready& /*a*/) {}
  void on(const action::exit& /*a*/) { ++exits_; }

  std::mt19937_64 random_;
  child_key next_ = 0;
  supervisor_core core_;
  restart_budget::time_point now_;
  std::map<std::uint64_t, run> live_;  // by run
  std::multimap<restart_budget::time_point, event::timer> timers_;
  int exits_ = 0, calls_ = 0;
};

TEST(SupervisorCore, EndsWheneverItIsAskedToWhateverHappensMeanwhile) {
  const std::uint64_t first = testing_support::seed();
  for (std::uint64_t seed = first; seed != first + 20'000 && !testing::Test::HasFailure(); ++seed) {
    chaos{seed}.stop();
    if (testing::Test::HasFailure()) std::cout << "again with TROUPE_SEED=" << seed << '\n';
  }
}

}  // namespace
}  // namespace troupe::supervision
