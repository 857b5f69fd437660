// An entity that takes part in all that an actor may do, for tests that move it.
#pragma once

#include "gate.hpp"
#include "journal.hpp"
#include "travel_fixture.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::runtime {

using testing_support::gate;
using testing_support::journal;
using numbers = std::vector<int>;

inline gate* door = nullptr;      // what `wait` waits at
inline journal* diary = nullptr;  // of what happens to travellers and oracles

inline void note(std::string what) {
  if (diary) diary->write(std::move(what));
}

struct helper {
  struct question {
    int number = 0;
  };
  using protocol = troupe::protocol<int(question)>;
  int on(question m) { return m.number; }
};

/// Answers when it is told to.
struct oracle {
  struct question {};
  struct speak {};
  using protocol = troupe::protocol<int(question), void(speak)>;
  later<int> on(question, context& ctx) {
    note("asked");
    return asked = ctx.later<int>();
  }
  void on(speak) { asked.set(42); }
  later<int> asked;
};

struct traveller {
  struct add {
    int number = 0;
  };
  struct get {};
  struct where {};
  struct echo {
    int number = 0;
  };
  struct wait {};
  struct ask {
    actor_ref<oracle> whom;
  };
  struct ponder {
    actor_ref<oracle> whom;
  };
  struct keep {
    int number = 0;
  };
  struct open {};
  struct set {
    std::string called;
    std::chrono::milliseconds in{};
    int number = 0;
    bool repeated = false;
  };
  struct set_and_remember {
    std::chrono::milliseconds in{};
    int number = 0;
  };
  struct cancel_what_clocks_give {};  // as if it remembered all that
  struct cancel_remembered {};
  struct give_child {};
  struct crash {};
  using protocol =
      troupe::protocol<void(add), numbers(get), std::string(where), int(echo), void(wait),
                       void(ask), int(ponder), void(keep), void(open), void(set),
                       void(set_and_remember), void(cancel_what_clocks_give),
                       void(cancel_remembered), void(give_child), void(crash)>;

  void started(context& ctx) { note("started on " + ctx.node()); }
  void arrived(context& ctx) { note("arrived on " + ctx.node()); }
  void stopping(const exit_reason&, context& ctx) { note("stopping on " + ctx.node()); }

  void on(add m) {
    all.push_back(m.number);
    note("tick " + std::to_string(m.number));
  }
  numbers on(get) { return all; }
  std::string on(where, context& ctx) { return ctx.node() + "/" + ctx.id(); }
  int on(echo m) {
    all.push_back(m.number);
    return m.number;
  }
  void on(wait) { (void)door->pass(); }
  void on(const ask& m, context& ctx) {
    ctx.ask(m.whom, oracle::question{}, 20s).then([this](const result<int>& r) {
      all.push_back(r ? *r : -1);
    });
  }
  task<int> on(ponder m, context& ctx) {
    auto asked = ctx.ask(m.whom, oracle::question{}, 20s);
    const auto r = co_await asked;
    all.push_back(r ? *r : -1);
    co_return r ? *r : -1;
  }
  void on(keep m, context& ctx) {
    if (!is_open) return (void)ctx.stash(m);
    all.push_back(m.number);
  }
  void on(open, context& ctx) {
    is_open = true;
    ctx.unstash();
  }
  void on(const set& m, context& ctx) {
    if (m.repeated) {
      ctx.every(m.called, m.in, add{m.number});
    } else {
      ctx.after(m.called, m.in, add{m.number});
    }
  }
  void on(set_and_remember m, context& ctx) { timer = ctx.after(m.in, add{m.number}); }
  void on(cancel_remembered, context& ctx) { ctx.cancel(timer); }
  void on(cancel_what_clocks_give, context& ctx) {
    for (timer_id place = 0; place < 16 * 32; ++place) {  // of each of its shards the first
      const auto number = place % 16 << (slab_numbers::bits - 4) | place / 16;
      for (timer_id turn = 1; turn < 64; turn += 2) {
        ctx.cancel(turn << slab_numbers::bits | number);
      }
    }
  }
  void on(give_child, context& ctx) { ctx.spawn<helper>(); }
  void on(crash) { throw std::runtime_error("boom"); }

  numbers all;
  bool is_open = false;
  timer_id timer = 0;
};

/// A traveller on node a, which writes what happens to it into a journal.
class one_traveller : public three_nodes {
 protected:
  one_traveller() {
    door = &gate_;
    diary = &journal_;
  }
  ~one_traveller() override { diary = nullptr; }

  /// Moves it to `b`; then it is there.
  void move_to_b() {
    auto packed = freeze(it, a).get();
    ASSERT_TRUE(packed) << to_string(packed.why());
    const auto old = std::exchange(it, on_b.receive("it", sent(*packed)));
    travelling_cell::leave(*old);
    for (auto& message : on_a.wait_for_end()) ASSERT_EQ(it->push(message), errc::ok);
  }
  [[nodiscard]] actor_ref<traveller> ref() const { return ref_to<traveller>(it); }
  numbers known() { return ref().ask(traveller::get{}, 20s).value(); }

  gate gate_;
  journal journal_;
  home<traveller> on_a{a}, on_b{b}, on_c{c};
  cell_ptr it = on_a.make("it");
};

}  // namespace troupe::runtime
