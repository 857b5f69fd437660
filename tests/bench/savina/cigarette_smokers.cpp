// Cigarette smokers: an agent puts down what one of two hundred smokers lacks, and goes on when
// that one has begun to smoke.
#include "savina.hpp"

struct smoker {
  struct smoke {
    int puffs;
  };
  struct started_to {};
  struct smoked {};
  using protocol = troupe::protocol<started_to(smoke), int(smoked)>;

  /// Answers first and smokes then, so that the agent need not wait for the end.
  troupe::later<started_to> on(smoke m, troupe::context& ctx) {
    auto lit = ctx.later<started_to>();
    lit.set(started_to{});
    for (int i = 0; i < m.puffs; ++i) smell += savina::draw(4, i);
    puffs += m.puffs;
    return lit;
  }
  int on(smoked) const { return puffs; }

  int puffs = 0;
  std::uint64_t smell = 0;
};

/// What happens in the `index`-th round.
struct deal {
  explicit deal(int index) {
    const auto random = savina::draw(5, index);
    who = static_cast<int>(random % smokers);
    puffs = 1 + static_cast<int>((random >> 32) % 100);
  }
  static constexpr int smokers = 200;
  int who;
  int puffs;
};

struct agent {
  struct begin {
    int rounds;
  };
  using protocol = troupe::protocol<int(begin)>;

  explicit agent(std::vector<troupe::actor_ref<smoker>> whom) : all(std::move(whom)) {}

  troupe::later<int> on(begin m, troupe::context& ctx) {
    rounds = m.rounds;
    finished = ctx.later<int>();
    next_round(ctx);
    return finished;
  }
  void next_round(troupe::context& ctx) {
    if (round == rounds) return finished.set(round);
    const deal now{round++};
    ctx.ask(all[now.who], smoker::smoke{now.puffs}, savina::patience)
        .then([this](const troupe::result<smoker::started_to>& lit, troupe::context& then) {
          if (!lit) return finished.set(lit.why());
          next_round(then);
        });
  }

  std::vector<troupe::actor_ref<smoker>> all;
  int rounds = 0;
  int round = 0;
  troupe::later<int> finished;
};

int main(int argc, char** argv) {
  return savina::run("cigarette_smokers", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int rounds = bench.size(200'000);
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<smoker>> all;
    for (int i = 0; i < deal::smokers; ++i) all.push_back(node.spawn<smoker>());
    const auto dealer = node.spawn<agent>(all);

    const int played = bench.measure(rounds, "rounds", [&] {
      return dealer.ask(agent::begin{rounds}, savina::patience).value();
    });

    bench.expect("rounds", played, rounds);
    std::vector<int> wanted(deal::smokers);
    for (int i = 0; i < rounds; ++i) {
      const deal one{i};
      wanted[one.who] += one.puffs;
    }
    const auto smoked = savina::ask_all(all, smoker::smoked{});
    for (int i = 0; i < deal::smokers; ++i)
      bench.expect("puffs of smoker " + std::to_string(i), smoked[i], wanted[i]);
  });
}
