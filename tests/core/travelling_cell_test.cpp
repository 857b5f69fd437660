#include "traveller.hpp"

#include <memory>
#include <thread>

namespace troupe::runtime {
namespace {

class TravellingCell : public one_traveller {};

TEST_F(TravellingCell, TakesItsStateAndWhatWaitsAlongInOrder) {
  ref().tell(traveller::add{1});
  ref().tell(traveller::wait{});
  ASSERT_TRUE(gate_.arrived());
  for (const int n : {2, 3, 4}) ref().tell(traveller::add{n});
  auto packed = freeze(it, a);
  ref().tell(traveller::add{5});
  gate_.open();
  const auto all = packed.get().value();
  ref().tell(traveller::add{6});
  EXPECT_EQ(all.waiting.size(), 4u);
  const auto there = on_b.receive("it", sent(all));
  ref().tell(traveller::add{7});
  travelling_cell::leave(*it);
  for (auto& message : on_a.wait_for_end()) ASSERT_EQ(there->push(message), errc::ok);
  it = there;

  EXPECT_EQ(known(), (numbers{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(ref().ask(traveller::where{}, 5s).value(), "b/it");
}

TEST_F(TravellingCell, ArrivesInsteadOfStartingAndLeavesWithoutStopping) {
  (void)known();
  move_to_b();
  (void)known();

  EXPECT_EQ(journal_.first(2), (std::vector<std::string>{"started on a", "arrived on b"}));
  EXPECT_EQ(on_a.why().kind, exit_kind::shutdown);
}

TEST_F(TravellingCell, BringsReliableAsksThatAreKnownBeforeItsFirstTurn) {
  luggage all;
  packed_message asked;
  asked.message = detail::handler_of<traveller, traveller::get>().id;
  asked.asker = "c";
  asked.request = 7;
  asked.left_ms = 20'000;
  asked.reliable = true;
  writer out{asked.body};
  encode(out, traveller::get{});
  all.waiting.push_back(asked);
  const auto there = on_b.bring("other", all);
  EXPECT_EQ(b.inside()->taken().times("c", 7), 1u);

  arriving_cell::launch(*there);
  while (b.inside()->taken().times("c", 7) != 0) std::this_thread::yield();
  there->stop();
  (void)on_b.wait_for_end();
}

TEST_F(TravellingCell, GoesOnAsIfNothingHadHappenedWhenThawed) {
  ref().tell(traveller::set{"t", 1ms, 9});
  ref().tell(traveller::keep{3});
  (void)known();
  const auto all = freeze(it, a).get().value();
  for (const int n : {1, 2}) ref().tell(traveller::add{n});
  auto asked = ref().ask(traveller::echo{4}, 20s);
  auto again = freeze(it, a).get();
  EXPECT_EQ(again.code(), errc::refused);
  travelling_cell::thaw(*it);

  EXPECT_EQ(asked.value(), 4);
  EXPECT_EQ(journal_.first(4).size(), 4u);  // started, and three numbers
  ref().tell(traveller::open{});
  auto seen = known();
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (numbers{1, 2, 3, 4, 9}));
}

TEST_F(TravellingCell, HandlesNothingWhileItIsFrozen) {
  (void)known();
  ASSERT_TRUE(freeze(it, a).get());
  ref().tell(traveller::add{1});
  it->stop();
  const auto waits = ref().ask(traveller::get{}, 50ms).get();
  EXPECT_EQ(waits.code(), errc::timeout);

  travelling_cell::thaw(*it);
  (void)on_a.wait_for_end();

  EXPECT_EQ(journal_.first(2), (std::vector<std::string>{"started on a", "stopping on a"}));
}

TEST_F(TravellingCell, WaitsForItsOwnAnswersBeforeItIsPacked) {
  const auto wise = a.spawn<oracle>();
  ref().tell(traveller::ask{wise});
  (void)known();
  auto packed = freeze(it, a);
  ref().tell(traveller::add{1});
  EXPECT_EQ(packed.wait_for(50ms), std::future_status::timeout);
  wise.tell(oracle::speak{});
  const auto all = packed.get().value();
  travelling_cell::thaw(*it);

  EXPECT_EQ(all.waiting.size(), 1u);
  EXPECT_EQ(known(), (numbers{42, 1}));
}

TEST_F(TravellingCell, WaitsForItsCoroutines) {
  const auto wise = a.spawn<oracle>();
  auto pondered = ref().ask(traveller::ponder{wise}, 20s);
  ASSERT_EQ(journal_.first(2).back(), "asked");
  ref().tell(traveller::add{1});
  auto packed = freeze(it, a);
  EXPECT_EQ(to_string(freeze(it, a).get().why()), "refused: it is about to move already");
  wise.tell(oracle::speak{});
  EXPECT_EQ(packed.get().value().waiting.size(), 1u);
  travelling_cell::thaw(*it);

  EXPECT_EQ(pondered.value(), 42);
  EXPECT_EQ(known(), (numbers{42, 1}));
}

TEST_F(TravellingCell, SaysAtTheDeadlineWhatItWaitedForAndGoesOn) {
  const auto wise = a.spawn<oracle>();
  ref().tell(traveller::ask{wise});
  (void)known();
  auto packed = freeze(it, a, "#1", 20ms);
  ref().tell(traveller::add{1});

  EXPECT_EQ(to_string(packed.get().why()),
            "timeout: it waits for an answer, or work that it gave to a pool");
  EXPECT_EQ(known(), (numbers{1}));
}

TEST_F(TravellingCell, SaysSoOfACoroutine) {
  const auto wise = a.spawn<oracle>();
  auto pondered = ref().ask(traveller::ponder{wise}, 20s);
  ASSERT_EQ(journal_.first(2).back(), "asked");

  EXPECT_EQ(to_string(freeze(it, a, "#1", 20ms).get().why()),
            "timeout: it waits for a handler that is a coroutine");
  wise.tell(oracle::speak{});
  EXPECT_EQ(pondered.value(), 42);
}

TEST_F(TravellingCell, SaysSoWhenItsHandlerDoesNotReturn) {
  ref().tell(traveller::wait{});
  ASSERT_TRUE(gate_.arrived());
  auto packed = freeze(it, a, "#1", 20ms);

  EXPECT_EQ(to_string(packed.get().why()), "timeout: a handler of it has not returned");
  gate_.open();
  EXPECT_EQ(known(), numbers{});
}

TEST_F(TravellingCell, IsNotPackedWhenItEndsOrCrashesBefore) {
  const auto wise = a.spawn<oracle>();
  ref().tell(traveller::wait{});
  ASSERT_TRUE(gate_.arrived());
  ref().tell(traveller::add{1});
  auto packed = freeze(it, a);
  it->stop();
  gate_.open();
  EXPECT_EQ(packed.get().code(), errc::stopped);
  (void)on_a.wait_for_end();
  EXPECT_EQ(freeze(it, a).get().code(), errc::stopped);
}

TEST_F(TravellingCell, ThatNeverHadATurnIsNotConstructed) {
  auto packed = freeze(it, a).get().value();
  EXPECT_FALSE(packed.has_state);
  ref().tell(traveller::add{1});
  travelling_cell::thaw(*it);

  EXPECT_EQ(known(), (numbers{1}));
  EXPECT_EQ(journal_.first(2), (std::vector<std::string>{"started on a", "tick 1"}));
}

TEST_F(TravellingCell, ThatIsAnActorOrHasChildrenWithoutIdsStays) {
  const auto actor = a.spawn<traveller>();
  const cell_ptr plain{actor.where().cell()};
  EXPECT_EQ(freeze(plain, a).get().code(), errc::refused);
  ref().tell(traveller::give_child{});
  ref().tell(traveller::add{1});
  (void)known();

  const auto why = to_string(freeze(it, a).get().why());
  EXPECT_TRUE(why.starts_with("refused: its child helper (")) << why;
  EXPECT_TRUE(
      why.ends_with("): it has no id: start it by ctx.spawn_as, or let its behaviour say "
                    "stays_put"))
      << why;
  EXPECT_EQ(known(), (numbers{1}));
}

TEST_F(TravellingCell, WhoseStateCannotBeReadCrashesIntoAFreshLife) {
  ref().tell(traveller::add{1});
  (void)known();
  auto all = freeze(it, a).get().value();
  all.state = "nonsense";
  ref().tell(traveller::add{2});
  const auto there = on_b.receive("it", all);

  EXPECT_EQ(ref_to<traveller>(there).ask(traveller::get{}, 5s).value(), numbers{});
  EXPECT_EQ(journal_.first(3).back(), "started on b");
}

struct homebody {
  struct add {
    int number = 0;
  };
  struct get {};
  struct give_child {};
  using protocol = troupe::protocol<void(add), numbers(get), actor_ref<helper>(give_child)>;
  static constexpr bool stays_put = true;
  void on(add m) { all->push_back(m.number); }
  numbers on(get) { return *all; }
  actor_ref<helper> on(give_child, context& ctx) { return ctx.spawn<helper>(); }
  std::shared_ptr<numbers> all = std::make_shared<numbers>();
};

TEST_F(TravellingCell, OfATypeThatStaysPutLosesItsStateAndNoMessage) {
  home<homebody> here{a}, there{b};
  auto one = here.make("h");
  const auto ref = ref_to<homebody>(one);
  ref.tell(homebody::add{1});
  (void)ref.ask(homebody::get{}, 5s).value();
  auto packed = freeze(one, a).get().value();
  EXPECT_FALSE(packed.has_state);
  ref.tell(homebody::add{2});
  travelling_cell::leave(*one);
  const auto next = there.receive("h", sent(packed));
  for (auto& message : here.wait_for_end()) ASSERT_EQ(next->push(message), errc::ok);

  EXPECT_EQ(ref_to<homebody>(next).ask(homebody::get{}, 5s).value(), (numbers{2}));
}

TEST_F(TravellingCell, OfATypeThatStaysPutEndsItsChildrenWhenItLeaves) {
  home<homebody> here{a};
  const auto one = here.make("h");
  const auto ref = ref_to<homebody>(one);
  const auto elder = ref.ask(homebody::give_child{}, 5s).value();
  const auto younger = ref.ask(homebody::give_child{}, 5s).value();
  ASSERT_TRUE(freeze(one, a).get());
  const cell_ptr its{elder.where().cell()};
  its->stop();  // its parent hears of that when it goes on, or leaves
  while (!its->has_ended()) std::this_thread::yield();
  EXPECT_EQ(younger.ask(helper::question{1}, 5s).value(), 1);
  travelling_cell::thaw(*one);
  EXPECT_EQ(ref.ask(homebody::get{}, 5s).value(), numbers{});
  EXPECT_EQ(younger.ask(helper::question{2}, 5s).value(), 2);

  ASSERT_TRUE(freeze(one, a).get());
  travelling_cell::leave(*one);
  (void)here.wait_for_end();
  EXPECT_EQ(younger.ask(helper::question{3}, 5s).get().code(), errc::stopped);
}

}  // namespace
}  // namespace troupe::runtime
