// Two behaviours that talk: members join a room, and the room tells each what the others say.
//
// Expected output:
//   ann hears ben: hello
//   ben hears ben: hello
//   1 line said
#include <troupe/troupe.hpp>

#include <iostream>
#include <set>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct member {
  static constexpr auto name = "member";
  struct hear {
    std::string from, text;
  };
  struct heard {};
  using lines = std::vector<std::string>;
  using protocol = troupe::protocol<void(hear), lines(heard)>;

  void on(hear m, troupe::context& ctx) {
    log.push_back(ctx.id() + " hears " + m.from + ": " + m.text);
  }
  lines on(heard) const { return log; }

  lines log;
};

struct room {
  static constexpr auto name = "room";
  struct join {
    troupe::entity_ref<member> who;
  };
  struct say {
    std::string from, text;
  };
  struct count {};
  using protocol = troupe::protocol<bool(join), int(say), int(count)>;

  bool on(join m) { return members.insert(m.who).second; }
  int on(say m, troupe::context& ctx) {
    for (const auto& who : members) ctx.tell(who, member::hear{m.from, m.text});
    return ++said;
  }
  int on(count) const { return said; }

  std::set<troupe::entity_ref<member>> members;
  int said = 0;
};

int main() {
  auto node = troupe::node::start(troupe::node_options{}).value();
  troupe::entities<member> members{node};
  troupe::entities<room> rooms{node};
  const auto lobby = rooms["lobby"];

  for (const auto* who : {"ann", "ben"}) lobby.ask(room::join{members[who]}, 1s).value();
  lobby.ask(room::say{"ben", "hello"}, 1s).value();

  // The room told its members before it answered, so their messages are on their way before ours.
  for (const auto* who : {"ann", "ben"}) {
    for (const auto& line : members[who].ask(member::heard{}, 1s).value())
      std::cout << line << '\n';
  }
  std::cout << lobby.ask(room::count{}, 1s).value() << " line said\n";
}
