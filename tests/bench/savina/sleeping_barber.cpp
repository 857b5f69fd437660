// Sleeping barber: customers wait in a room of a hundred chairs, or come again when it is full.
#include "savina.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

using namespace std::chrono_literals;

struct barber {
  struct cut {
    int customer;
  };
  struct done {
    std::uint64_t hairs;
  };
  struct cuts {};
  using protocol = troupe::protocol<done(cut), int(cuts)>;

  done on(cut m) {
    ++customers;
    std::uint64_t hairs = 0;
    for (int i = 0; i < 100; ++i) hairs += savina::draw(m.customer, i) % 10;
    return {hairs};
  }
  int on(cuts) const { return customers; }

  int customers = 0;
};

struct waiting_room {
  struct enter {
    int customer;
  };
  struct report {
    int most_waiting;
    int turned_away;
  };
  struct how_was_it {};
  using protocol = troupe::protocol<barber::done(enter), report(how_was_it)>;

  static constexpr std::size_t chairs = 100;

  explicit waiting_room(troupe::actor_ref<barber> who) : hands(std::move(who)) {}

  troupe::later<barber::done> on(enter m, troupe::context& ctx) {
    auto answer = ctx.later<barber::done>();
    if (waiting.size() == chairs) {
      ++seen.turned_away;
      answer.set(troupe::error{troupe::errc::refused, "all chairs are taken"});
      return answer;
    }
    waiting.push_back({m.customer, answer});
    seen.most_waiting = std::max(seen.most_waiting, static_cast<int>(waiting.size()));
    if (!busy) wake_barber(ctx);
    return answer;
  }
  report on(how_was_it) const { return seen; }

  void wake_barber(troupe::context& ctx) {
    busy = true;
    ctx.ask(hands, barber::cut{waiting.front().number}, savina::patience)
        .then([this, answer = waiting.front().answer](const troupe::result<barber::done>& cut,
                                                      troupe::context& then) {
          answer.set(cut);
          busy = false;
          if (!waiting.empty()) wake_barber(then);
        });
    waiting.pop_front();
  }

  struct customer {
    int number;
    troupe::later<barber::done> answer;
  };
  troupe::actor_ref<barber> hands;
  std::deque<customer> waiting;
  bool busy = false;
  report seen{};
};

struct customer {
  struct get_hair_cut {};
  struct come_again {};
  using protocol = troupe::protocol<int(get_hair_cut), void(come_again)>;

  customer(int which, troupe::actor_ref<waiting_room> where)
      : number(which), room(std::move(where)) {}

  /// Answers how often it found no chair.
  troupe::later<int> on(get_hair_cut, troupe::context& ctx) {
    finished = ctx.later<int>();
    on(come_again{}, ctx);
    return finished;
  }
  void on(come_again, troupe::context& ctx) {
    ctx.ask(room, waiting_room::enter{number}, savina::patience)
        .then([this](const troupe::result<barber::done>& cut, troupe::context& then) {
          if (cut.code() == troupe::errc::refused) {
            ++refusals;
            then.after(1ms, come_again{});
            return;
          }
          cut ? finished.set(refusals) : finished.set(cut.why());
          then.stop();
        });
  }

  int number;
  troupe::actor_ref<waiting_room> room;
  int refusals = 0;
  troupe::later<int> finished;
};

/// Lets customers go to the barber's, a few more at once than there are chairs.
struct street {
  struct open {
    int customers;
  };
  using protocol = troupe::protocol<int(open)>;

  static constexpr int at_once = waiting_room::chairs + 20;

  explicit street(troupe::actor_ref<waiting_room> where) : room(std::move(where)) {}

  troupe::later<int> on(open m, troupe::context& ctx) {
    customers = m.customers;
    finished = ctx.later<int>();
    while (sent < std::min(customers, at_once)) send_one(ctx);
    return finished;
  }
  void send_one(troupe::context& ctx) {
    ctx.ask(ctx.spawn<customer>(sent++, room), customer::get_hair_cut{}, savina::patience)
        .then([this](const troupe::result<int>& refused, troupe::context& then) {
          if (!refused) return finished.set(refused);
          refusals += *refused;
          if (sent < customers) send_one(then);
          if (++back == customers) finished.set(refusals);
        });
  }

  troupe::actor_ref<waiting_room> room;
  int customers = 0;
  int sent = 0;
  int back = 0;
  int refusals = 0;
  troupe::later<int> finished;
};

int main(int argc, char** argv) {
  return savina::run("sleeping_barber", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int customers = bench.size(100'000);
    auto node = savina::start_node();
    const auto hands = node.spawn<barber>();
    const auto room = node.spawn<waiting_room>(hands);
    const auto town = node.spawn<street>(room);

    const int refusals = bench.measure(customers, "customers", [&] {
      return town.ask(street::open{customers}, savina::patience).value();
    });

    bench.expect("customers of the barber", hands.ask(barber::cuts{}, savina::patience).value(),
                 customers);
    const auto report = room.ask(waiting_room::how_was_it{}, savina::patience).value();
    bench.expect("customers turned away, as they count it", refusals, report.turned_away);
    bench.expect_at_most("customers waiting", report.most_waiting, 100);
  });
}
