// Chameneos: creatures meet in pairs at one place, and take on a new colour by whom they met.
#include "savina.hpp"

#include <optional>

enum class colour : unsigned char { blue, red, yellow };

/// What both become: the colour they share, or else the third one.
colour complement(colour a, colour b) {
  if (a == b) return a;
  return static_cast<colour>(3 - static_cast<int>(a) - static_cast<int>(b));
}

struct visitor {
  int number;
  colour looks;
};

/// Where two meet: the first one's ask is answered when the second one comes.
struct mall {
  struct enter {
    visitor who;
  };
  using met = std::optional<visitor>;  // nobody: the mall is closed
  using protocol = troupe::protocol<met(enter)>;

  explicit mall(int meetings) : meetings_left(meetings) {}

  troupe::later<met> on(enter m, troupe::context& ctx) {
    auto answer = ctx.later<met>();
    if (meetings_left == 0) {
      answer.set(std::nullopt);
    } else if (!first) {
      first = m.who;
      first_answer = answer;
    } else {
      --meetings_left;
      first_answer.set(m.who);
      answer.set(first);
      first.reset();
    }
    return answer;
  }

  int meetings_left;
  std::optional<visitor> first;
  troupe::later<met> first_answer;
};

struct tally {
  int meetings;
  int with_itself;
};

struct creature {
  struct live {};
  using protocol = troupe::protocol<tally(live)>;

  creature(troupe::actor_ref<mall> where, visitor who) : place(std::move(where)), self(who) {}

  troupe::later<tally> on(live, troupe::context& ctx) {
    faded = ctx.later<tally>();
    go_out(ctx);
    return faded;
  }

  void go_out(troupe::context& ctx) {
    ctx.ask(place, mall::enter{self}, savina::patience)
        .then([this](const troupe::result<mall::met>& other, troupe::context& then) {
          if (!other) return faded.set(other.why());
          if (!*other) return faded.set(seen);
          ++seen.meetings;
          if ((*other)->number == self.number) ++seen.with_itself;
          self.looks = complement(self.looks, (*other)->looks);
          go_out(then);
        });
  }

  troupe::actor_ref<mall> place;
  visitor self;
  tally seen{};
  troupe::later<tally> faded;
};

int main(int argc, char** argv) {
  return savina::run("chameneos", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int creatures = 100;
    const int meetings = bench.size(300'000);
    auto node = savina::start_node();
    const auto place = node.spawn<mall>(meetings);
    std::vector<troupe::actor_ref<creature>> all;
    for (int i = 0; i < creatures; ++i)
      all.push_back(node.spawn<creature>(place, visitor{i, static_cast<colour>(i % 3)}));

    const auto tallies =
        bench.measure(meetings, "meetings", [&] { return savina::ask_all(all, creature::live{}); });

    tally sum{};
    for (const auto& one : tallies) {
      sum.meetings += one.meetings;
      sum.with_itself += one.with_itself;
    }
    bench.expect("meetings, each counted by both", sum.meetings, 2 * meetings);
    bench.expect("creatures that met themselves", sum.with_itself, 0);
  });
}
