#include "core/travel_fixture.hpp"
#include <troupe/supervision.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace troupe::runtime {
namespace {

using testing_support::gate;
using testing_support::journal;

gate* door = nullptr;
journal* diary = nullptr;

void note(std::string what) {
  if (diary) diary->write(std::move(what));
}

/// A room of a house.
struct chamber {
  struct put {
    std::string what;
  };
  struct put_in {
    std::chrono::milliseconds in{};
    std::string what;
  };
  struct list {};
  struct where {};
  struct wait {};
  struct crash {};
  using protocol = troupe::protocol<void(put), void(put_in), std::vector<std::string>(list),
                                    std::string(where), void(wait), void(crash)>;

  void started(context& ctx) { note("starts " + ctx.id() + " on " + ctx.node()); }
  void arrived(context& ctx) { note("arrives " + ctx.id() + " on " + ctx.node()); }
  void stopping(const exit_reason&, context& ctx) { note("stops " + ctx.id()); }
  void on(put m) { things.push_back(std::move(m.what)); }
  void on(put_in m, context& ctx) { ctx.after(m.in, put{std::move(m.what)}); }
  std::vector<std::string> on(list) const { return things; }
  std::string on(where, context& ctx) { return ctx.node() + "/" + ctx.id(); }
  void on(wait) { (void)door->pass(); }
  void on(crash) { throw std::runtime_error("boom"); }

  std::vector<std::string> things;
};

/// A chamber that says so stays behind.
struct lodger {
  static constexpr bool stays_put = true;
  struct knock {};
  using protocol = troupe::protocol<int(knock)>;
  void stopping(const exit_reason&, context&) { note("the lodger stops"); }
  int on(knock) { return 1; }
};

struct stranger {
  struct knock {};
  using protocol = troupe::protocol<int(knock)>;
  int on(knock) { return 1; }
};

/// An entity whose children are chambers, some of them under a supervisor.
struct house {
  struct build {
    std::string id;
    bool supervised = false;
    bool again = true;   ///< where it arrives, too
    bool waits = false;  ///< at the door, after that
  };
  struct let_in {
    bool stranger = false;
  };
  struct put {
    std::string where, what;
  };
  struct rooms {};
  struct find {
    std::string id;
  };
  using protocol = troupe::protocol<void(build), void(let_in), void(put),
                                    std::vector<std::string>(rooms), actor_ref<chamber>(find)>;

  void started(context& ctx) { hire(ctx); }
  void arrived(context& ctx) {
    hire(ctx);
    for (const auto& [id, how] : plan) {
      if (how.again) start(how, ctx);
    }
  }
  void hire(context& ctx) {
    using namespace supervision;
    keeper = supervisor::start(ctx, dynamic_supervisor().id("upstairs"));
  }
  void start(const build& how, context& ctx) {
    using namespace supervision;
    all[how.id] = how.supervised ? keeper.start_child(ctx, child<chamber>().id(how.id))
                                 : ctx.spawn_as<chamber>(how.id);
  }
  void on(const build& m, context& ctx) {
    plan[m.id] = m;
    start(m, ctx);
    if (m.waits) (void)door->pass();
  }
  void on(let_in m, context& ctx) {
    if (m.stranger) return (void)ctx.spawn<stranger>();
    ctx.spawn<lodger>();
  }
  void on(const put& m, context& ctx) { ctx.tell(all.at(m.where), chamber::put{m.what}); }
  std::vector<std::string> on(rooms) const {
    std::vector<std::string> ids;
    for (const auto& [id, ref] : all) ids.push_back(id);
    return ids;
  }
  actor_ref<chamber> on(const find& m) const { return all.at(m.id); }
  auto fields() { return std::tie(plan); }

  std::map<std::string, build> plan;
  std::map<std::string, actor_ref<chamber>> all;
  supervision::supervisor keeper;
};

using things = std::vector<std::string>;

class TravellingFamily : public three_nodes {
 protected:
  explicit TravellingFamily(std::uint32_t workers = 0) : three_nodes(workers) {
    door = &gate_;
    diary = &journal_;
  }
  ~TravellingFamily() override { diary = nullptr; }

  [[nodiscard]] actor_ref<house> ref() const { return ref_to<house>(it); }
  [[nodiscard]] actor_ref<chamber> room(const std::string& id) const {
    return ref().ask(house::find{id}, 20s).value();
  }
  things in(const std::string& id) const { return room(id).ask(chamber::list{}, 20s).value(); }
  void build(const std::string& id, bool supervised = false) {
    ref().tell(house::build{id, supervised});
    (void)room(id).ask(chamber::list{}, 20s).value();  // it is up
  }
  void move_to_b() {
    auto packed = freeze(it, a).get();
    ASSERT_TRUE(packed) << to_string(packed.why());
    const auto old = std::exchange(it, on_b.receive("it", sent(*packed)));
    travelling_cell::leave(*old);
    for (auto& message : on_a.wait_for_end()) ASSERT_EQ(it->push(message), errc::ok);
  }
  /// Its children have been asked to come to rest then.
  void wait_until_it_halts() {
    while (ref().ask(house::rooms{}, 10ms).get()) std::this_thread::yield();
  }
  [[nodiscard]] std::string refusal() { return to_string(freeze(it, a).get().why()); }

  gate gate_;
  journal journal_;
  home<house> on_a{a}, on_b{b};
  cell_ptr it = on_a.make("it");
};

TEST_F(TravellingFamily, ChildrenTakeTheirStatesAlong) {
  build("hall");
  build("attic", true);
  room("hall").tell(chamber::put{"chair"});
  room("attic").tell(chamber::put{"trunk"});
  EXPECT_EQ(in("hall"), things{"chair"});
  EXPECT_EQ(in("attic"), things{"trunk"});
  move_to_b();

  EXPECT_EQ(in("hall"), things{"chair"});
  EXPECT_EQ(in("attic"), things{"trunk"});
  EXPECT_EQ(room("hall").ask(chamber::where{}, 5s).value(), "b/hall");
  EXPECT_EQ(room("attic").ask(chamber::where{}, 5s).value(), "b/attic");
  auto seen = journal_.first(4);
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (things{"arrives attic on b", "arrives hall on b", "starts attic on a",
                          "starts hall on a"}));
}

TEST_F(TravellingFamily, WhatTheyHaveToldEachOtherArrivesInOrder) {
  build("hall");
  build("attic", true);
  auto hall = room("hall");
  hall.tell(chamber::wait{});
  ASSERT_TRUE(gate_.arrived());
  for (const auto* what : {"1", "2", "3"}) {
    ref().tell(house::put{"hall", what});
    ref().tell(house::put{"attic", what});
  }
  (void)ref().ask(house::rooms{}, 20s).value();
  auto asked = hall.ask(chamber::list{}, 20s);
  auto packed = freeze(it, a);
  ref().tell(house::put{"hall", "4"});
  wait_until_it_halts();
  gate_.open();
  const auto all = packed.get().value();
  EXPECT_EQ(all.children.size(), 2u);
  const auto old = std::exchange(it, on_b.receive("it", sent(all)));
  travelling_cell::leave(*old);
  for (auto& message : on_a.wait_for_end()) ASSERT_EQ(it->push(message), errc::ok);

  EXPECT_EQ(in("hall"), (things{"1", "2", "3", "4"}));
  EXPECT_EQ(in("attic"), (things{"1", "2", "3"}));
  EXPECT_EQ(asked.value(), (things{"1", "2", "3"}));
}

TEST_F(TravellingFamily, TimersOfChildrenGoOn) {
  build("hall");
  room("hall").tell(chamber::put_in{1ms, "clock"});
  move_to_b();

  while (in("hall").empty()) std::this_thread::yield();
  EXPECT_EQ(in("hall"), things{"clock"});
}

TEST_F(TravellingFamily, AllGoOnWhenItIsThawed) {
  build("hall");
  build("attic", true);
  ASSERT_TRUE(freeze(it, a).get());
  EXPECT_EQ(ref().ask(house::rooms{}, 20ms).get().code(), errc::timeout);
  travelling_cell::thaw(*it);
  ref().tell(house::put{"hall", "x"});
  ref().tell(house::put{"attic", "y"});

  EXPECT_EQ(in("hall"), things{"x"});
  EXPECT_EQ(in("attic"), things{"y"});
  room("attic").tell(chamber::crash{});  // its supervisor is there still
  while (!in("attic").empty()) std::this_thread::yield();
}

TEST_F(TravellingFamily, OneThatDoesNotComeToRestEndsTheAttemptForAll) {
  build("hall");
  build("attic", true);
  auto attic = room("attic");
  attic.tell(chamber::wait{});
  ASSERT_TRUE(gate_.arrived());
  const auto outcome = freeze(it, a, "#1", 60ms).get();
  EXPECT_EQ(outcome.code(), errc::timeout);
  EXPECT_NE(outcome.why().what.find("a handler of it has not returned"), std::string::npos)
      << outcome.why().what;
  EXPECT_NE(outcome.why().what.find("child"), std::string::npos) << outcome.why().what;
  ref().tell(house::put{"hall", "x"});
  EXPECT_EQ(in("hall"), things{"x"});
  gate_.open();
  move_to_b();

  EXPECT_EQ(in("hall"), things{"x"});
}

TEST_F(TravellingFamily, OneThatStaysPutEndsWithTheOldLife) {
  build("hall");
  ref().tell(house::let_in{});
  (void)ref().ask(house::rooms{}, 20s).value();
  move_to_b();
  EXPECT_EQ(in("hall"), things{});
  const auto seen = journal_.first(3);
  EXPECT_NE(std::ranges::find(seen, "the lodger stops"), seen.end());
}

TEST_F(TravellingFamily, OneWithoutAnIdKeepsAllWhereTheyAre) {
  build("hall");
  ref().tell(house::let_in{true});
  (void)ref().ask(house::rooms{}, 20s).value();
  EXPECT_NE(refusal().find("it has no id: start it by ctx.spawn_as"), std::string::npos);
  EXPECT_EQ(in("hall"), things{});
}

TEST_F(TravellingFamily, TwoOfOneIdKeepAllWhereTheyAre) {
  build("hall");
  build("hall");
  EXPECT_EQ(refusal(), "refused: two of its children have the id hall");
}

TEST_F(TravellingFamily, WhatWaitsForOneThatIsNotStartedAgainIsRefused) {
  ref().tell(house::build{"hall", false, false});
  auto hall = room("hall");
  hall.tell(chamber::wait{});
  ASSERT_TRUE(gate_.arrived());
  auto asked = hall.ask(chamber::list{}, 60s);
  auto packed = freeze(it, a);
  wait_until_it_halts();
  gate_.open();
  const auto all = packed.get().value();
  const auto old = std::exchange(it, on_b.receive("it", sent(all)));
  travelling_cell::leave(*old);
  (void)on_a.wait_for_end();
  EXPECT_TRUE(ref().ask(house::rooms{}, 20s).value().empty());
  EXPECT_EQ(to_string(freeze(it, b).get().why()),
            "refused: its children have moved, and were not all started yet");

  EXPECT_EQ(asked.get().code(), errc::stopped);
  EXPECT_TRUE(freeze(it, b).get());
}

class FamilyOfOneWorker : public TravellingFamily {
 protected:
  FamilyOfOneWorker() : TravellingFamily(1) {}
};

TEST_F(FamilyOfOneWorker, WhomASupervisorWasToldToStartComesAlong) {
  (void)ref().ask(house::rooms{}, 20s).value();
  ref().tell(house::build{"attic", true, true, true});
  ASSERT_TRUE(gate_.arrived());
  auto packed = freeze(it, a);  // the supervisor hears of it before it is told to start the attic
  gate_.open();
  const auto all = packed.get().value();
  const auto old = std::exchange(it, on_b.receive("it", sent(all)));
  travelling_cell::leave(*old);
  EXPECT_TRUE(on_a.wait_for_end().empty());

  EXPECT_EQ(in("attic"), things{});
  EXPECT_EQ(journal_.first(2), (things{"starts attic on a", "arrives attic on b"}));
}

TEST_F(TravellingFamily, TravelsBackAndForth) {
  build("hall");
  build("attic", true);
  for (int i = 0; i < 3; ++i) {
    ref().tell(house::put{"hall", std::to_string(i)});
    ref().tell(house::put{"attic", std::to_string(i)});
    auto packed = freeze(it, i % 2 == 0 ? a : b).get();
    ASSERT_TRUE(packed) << to_string(packed.why());
    auto& from = i % 2 == 0 ? on_a : on_b;
    auto& to = i % 2 == 0 ? on_b : on_a;
    const auto old = std::exchange(it, to.receive("it", sent(*packed)));
    travelling_cell::leave(*old);
    for (auto& message : from.wait_for_end()) ASSERT_EQ(it->push(message), errc::ok);
  }
  EXPECT_EQ(in("hall"), (things{"0", "1", "2"}));
  EXPECT_EQ(in("attic"), (things{"0", "1", "2"}));
}

}  // namespace
}  // namespace troupe::runtime
