// The figures of fanout_bench, from plain CAF actors: the message is made once and shared by all.
#include "support/caf_system.hpp"
#include "support/fanout_rounds.hpp"
#include "support/usage.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace {

using caf::actor;
using caf::behavior;
using caf::event_based_actor;
using caf::stateful_actor;

using send_atom = caf::atom_constant<caf::atom("dispatch")>;
using post_atom = caf::atom_constant<caf::atom("post")>;

struct session_state {
  std::uint64_t seen = 0;
};

behavior session(stateful_actor<session_state>* self, bench::fanout_round* round) {
  return {[self, round](send_atom, std::uint64_t, const std::string& payload) {
    self->state.seen += payload.size();
    round->received();
  }};
}

behavior guild(event_based_actor* self, const std::vector<actor>& sessions,
               bench::fanout_round* round) {
  return {[self, sessions, round](post_atom, const std::string& payload) {
    round->begin = bench::now_ns();
    const auto event = caf::make_message(send_atom::value, std::uint64_t{4711}, payload);
    for (const auto& to : sessions) self->send(to, event);
    round->sent = bench::now_ns();
    round->done.raise();
  }};
}

void fanout(long n) {
  bench::fanout_round round;
  bench::caf_system system;
  std::vector<actor> sessions;
  for (long i = 0; i < n; ++i) {
    sessions.push_back(system.keep(system.actors.spawn(session, &round)));
  }
  const auto lobby = system.keep(system.actors.spawn(guild, sessions, &round));
  bench::play_fanout(round, n, [&](const std::string& payload) {
    caf::anon_send(lobby, post_atom::value, payload);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_caf_cases(argc, argv,
                              {{"fanout_1000", 1'000, fanout},
                               {"fanout_10000", 10'000, fanout},
                               {"fanout_100000", 100'000, fanout}});
}
