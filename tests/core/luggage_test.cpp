#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/remote_ask.hpp"
#include "traveller.hpp"

#include <algorithm>
#include <memory>
#include <thread>

namespace troupe::runtime {
namespace {

class Luggage : public one_traveller {
 protected:
  /// An ask of another node, as the owner of shard 1 gets it.
  answer<int> ask_from(node& asker, traveller::echo message) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    auto state = std::make_shared<detail::answer_state<int>>();
    const auto& how = detail::handler_of<traveller, traveller::echo>();
    auto asked = detail::make_envelope(how, message);
    asked->sink = std::make_unique<detail::thread_sink<int>>(state);
    asked->deadline = deadline;
    const auto request = asker.inside()->asks().add("#1", *asked);
    asked->sink =
        std::make_unique<remote_sink>(*a.inside(), asker.options().name, request, &how, false);
    EXPECT_EQ(it->push(asked), errc::ok);
    return {state, deadline};
  }
};

TEST_F(Luggage, TakesItsStashAlong) {
  for (const int n : {1, 2, 3}) ref().tell(traveller::keep{n});
  (void)known();
  move_to_b();
  ref().tell(traveller::add{0});
  ref().tell(traveller::open{});

  EXPECT_EQ(known(), (numbers{0, 1, 2, 3}));
}

TEST_F(Luggage, TakesItsTimersAlongWithTheirNames) {
  ref().tell(traveller::set{"once", 30ms, 1});
  ref().tell(traveller::set{"often", 10ms, 2, true});
  ref().tell(traveller::set{"never", 40ms, 3});
  (void)known();
  move_to_b();
  ref().tell(traveller::set{"never", 1h, 3});
  const auto of = [&](int which) { return std::ranges::count(known(), which); };
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while ((of(1) == 0 || of(2) < 10) && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }

  EXPECT_EQ(of(1), 1);
  EXPECT_GE(of(2), 10);
  EXPECT_EQ(of(3), 0);
}

TEST_F(Luggage, CancelsATimerByTheIdThatItRemembers) {
  ref().tell(traveller::set_and_remember{20ms, 1});
  (void)known();
  move_to_b();
  ref().tell(traveller::cancel_remembered{});
  ref().tell(traveller::set{"later", 60ms, 2});

  EXPECT_EQ(journal_.first(3).back(), "tick 2");
}

TEST_F(Luggage, OfOneThatRemembersTimersOfAnotherNodeHasTimersThatAreNoneOfThose) {
  ref().tell(traveller::set_and_remember{1ms, 1});
  EXPECT_EQ(journal_.first(2).back(), "tick 1");
  ref().tell(traveller::set{"before", 50ms, 2});
  ref().tell(traveller::cancel_what_clocks_give{});
  ref().tell(traveller::set{"before", 1ms, 3});
  EXPECT_EQ(journal_.first(3).back(), "tick 3");  // here they are what it means
  move_to_b();
  ref().tell(traveller::set{"later", 20ms, 4});
  ref().tell(traveller::cancel_what_clocks_give{});

  EXPECT_EQ(journal_.first(5).back(), "tick 4");
}

struct watcher_of_its_timer {
  struct look {};
  struct ring {};
  using protocol = troupe::protocol<std::string(look), void(ring)>;

  /// What keeps it from being packed, while a tick is on its way to it.
  std::string on(look, context& ctx) {
    ctx.after(1ms, ring{});
    auto& me = static_cast<cell_context&>(ctx).owner();
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < give_up) {
      luggage all;
      if (const char* const why = me.extra().timers.pack(me, {}, all)) return why;
      if (all.timers.size() != 1) return "it has lost its timer";
    }
    return "nothing";
  }
  void on(ring) {}
};

TEST_F(Luggage, WaitsForATickThatIsOnItsWay) {
  const auto one = a.spawn<watcher_of_its_timer>();

  EXPECT_EQ(one.ask(watcher_of_its_timer::look{}, 20s).value(), "a timer that goes off now");
}

TEST_F(Luggage, HasTheAsksThatWaitAnsweredFromWhereItIsNow) {
  ref().tell(traveller::wait{});
  ASSERT_TRUE(gate_.arrived());
  auto here = ref().ask(traveller::echo{1}, 20s);
  auto from_c = ask_from(c, traveller::echo{2});
  auto from_b = ask_from(b, traveller::echo{3});
  auto packed = freeze(it, a);
  gate_.open();
  const auto all = packed.get().value();
  const auto there = on_b.receive("it", sent(all));

  EXPECT_EQ(here.value(), 1);
  EXPECT_EQ(from_b.value(), 3);
  travelling_cell::leave(*it);
  EXPECT_TRUE(on_a.wait_for_end().empty());
}

TEST_F(Luggage, HasThemAnsweredWhenItMovesTwiceAndComesHome) {
  ref().tell(traveller::wait{});
  ASSERT_TRUE(gate_.arrived());
  auto here = ref().ask(traveller::echo{1}, 20s);
  auto from_c = ask_from(c, traveller::echo{2});
  auto packed = freeze(it, a);
  gate_.open();
  const auto at_b = on_b.bring("it", packed.get().value());
  const auto all = freeze(at_b, b).get().value();
  EXPECT_EQ(all.waiting.size(), 2u);
  const auto back = on_a.receive("it", sent(all));
  travelling_cell::leave(*at_b);
  (void)on_b.wait_for_end();

  EXPECT_EQ(here.value(), 1);
  EXPECT_EQ(from_c.value(), 2);
  EXPECT_EQ(ref_to<traveller>(back).ask(traveller::get{}, 5s).value(), (numbers{1, 2}));
}

TEST_F(Luggage, HasNoAskWhoseAskerGaveUp) {
  (void)known();
  auto packed = freeze(it, a).get().value();
  auto late = ref().ask(traveller::echo{1}, 1ms);
  EXPECT_EQ(late.get().code(), errc::timeout);
  travelling_cell::thaw(*it);
  auto kept = ref().ask(traveller::echo{2}, 20s);
  EXPECT_EQ(kept.value(), 2);

  EXPECT_EQ(known(), (numbers{2}));
}

}  // namespace
}  // namespace troupe::runtime
