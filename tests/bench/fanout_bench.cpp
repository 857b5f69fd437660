// How fast one actor's event reaches a thousand to a hundred thousand others, and when the last.
#include "support/cases.hpp"
#include "support/fanout_rounds.hpp"
#include "support/quiet_node.hpp"
#include "support/usage.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using troupe::actor_ref;
using troupe::context;
using text = std::shared_ptr<const std::string>;  // shared among receivers, not copied

struct session {
  struct dispatch {
    std::uint64_t guild;
    text payload;
  };
  using protocol = troupe::protocol<void(dispatch)>;

  explicit session(bench::fanout_round* r) : round(r) {}
  void on(const dispatch& m) {
    seen += m.payload->size();
    round->received();
  }

  bench::fanout_round* round;
  std::uint64_t seen = 0;
};

struct guild {
  struct join {
    std::vector<actor_ref<session>> all;
  };
  struct post {
    text payload;
  };
  using protocol = troupe::protocol<void(join), void(post)>;

  explicit guild(bench::fanout_round* r) : round(r) {}
  void on(join m) { sessions = std::move(m.all); }
  void on(post m, context& ctx) {
    round->begin = bench::now_ns();
    ctx.tell_all(sessions, session::dispatch{4711, std::move(m.payload)});
    round->sent = bench::now_ns();
    round->done.raise();
  }

  bench::fanout_round* round;
  std::vector<actor_ref<session>> sessions;
};

void fanout(long n) {
  bench::fanout_round round;
  auto node = bench::quiet_node();
  guild::join sessions;
  for (long i = 0; i < n; ++i) sessions.all.push_back(node.spawn<session>(&round));
  const auto lobby = node.spawn<guild>(&round);
  bench::expect(lobby.tell(std::move(sessions)));
  bench::play_fanout(round, n, [&](const std::string& payload) {
    bench::expect(lobby.tell(guild::post{std::make_shared<const std::string>(payload)}));
  });
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv,
                          {{"fanout_1000", 1'000, fanout},
                           {"fanout_10000", 10'000, fanout},
                           {"fanout_100000", 100'000, fanout}});
}
