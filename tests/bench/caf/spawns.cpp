// The figures of spawns_bench, from plain CAF actors.
#include "support/caf_system.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using caf::actor;
using caf::behavior;
using caf::stateful_actor;

using start_atom = caf::atom_constant<caf::atom("start")>;
using stop_atom = caf::atom_constant<caf::atom("stop")>;

struct lives {
  bench::tally begun, ended;
};

struct life {
  ~life() {
    if (all) all->ended.add();
  }
  lives* all = nullptr;
};

void begin(stateful_actor<life>* self, lives* all) {
  self->state.all = all;
  all->begun.add();
}

/// Stays until it is told to stop.
behavior idle(stateful_actor<life>* self, lives* all) {
  begin(self, all);
  return {[self](stop_atom) { self->quit(); }};
}

/// Ends as soon as it has begun: an actor without behaviour has nothing to wait for.
void mayfly(stateful_actor<life>* self, lives* all) {
  begin(self, all);
}

struct spawner_state {
  std::vector<actor> made;
};

constexpr std::int64_t per_turn = 256;

/// Starts actors, some in each turn, and can stop them again.
template <class Start>
behavior spawner(stateful_actor<spawner_state>* self, Start start) {
  return {
      [=](start_atom, std::int64_t more) {
        const auto now = std::min(more, per_turn);
        for (std::int64_t i = 0; i < now; ++i) self->state.made.push_back(start(self));
        if (more > now) self->send(self, start_atom::value, more - now);
      },
      [=](stop_atom, std::int64_t from) {
        auto& made = self->state.made;
        const auto end = std::min(from + per_turn, static_cast<std::int64_t>(made.size()));
        for (auto i = from; i < end; ++i) {
          auto& one = made[static_cast<std::size_t>(i)];
          self->send(one, stop_atom::value);
          one = nullptr;
        }
        if (end < static_cast<std::int64_t>(made.size())) self->send(self, stop_atom::value, end);
      },
  };
}

/// Starts all, and waits for them to have begun, and to have ended when that is what they do.
template <class Start>
class population {
 public:
  population(bench::caf_system& system, int spawners, Start start) {
    for (int i = 0; i < spawners; ++i) {
      spawners_.push_back(system.keep(system.actors.spawn(spawner<Start>, start)));
    }
  }

  bench::cost tell(caf::message what, const bench::tally& until, long count) {
    return bench::measure([&] {
      for (const auto& one : spawners_) caf::anon_send(one, what);
      until.wait(count);
    });
  }

 private:
  std::vector<actor> spawners_;
};

void spawn_by(int spawners, long n) {
  const auto by = "_" + std::to_string(spawners);
  const auto each = std::int64_t{n / spawners};
  const auto count = static_cast<long>(each * spawners);
  const auto total = static_cast<double>(count);
  const auto start = caf::make_message(start_atom::value, each);
  {
    lives all;
    bench::caf_system system;
    population crowd{system, spawners, [&all](auto* self) { return self->spawn(idle, &all); }};
    bench::emit_rate("spawn" + by, total, crowd.tell(start, all.begun, count), "1/s");
    const auto stop = caf::make_message(stop_atom::value, std::int64_t{0});
    bench::emit_rate("stop" + by, total, crowd.tell(stop, all.ended, count), "1/s");
  }
  lives all;
  bench::caf_system system;
  population crowd{system, spawners, [&all](auto* self) {
                     self->spawn(mayfly, &all);
                     return actor{};
                   }};
  bench::emit_rate("spawn_exit" + by, total, crowd.tell(start, all.ended, count), "1/s");
}

void spawn(long n) {
  for (const int spawners : {1, 2}) spawn_by(spawners, n);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_caf_cases(argc, argv, {{"spawn", 1'000'000, spawn}});
}
