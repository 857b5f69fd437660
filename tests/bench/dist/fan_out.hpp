// Actors of the distributed benchmarks: one event to many sessions of another node, in three ways.
#pragma once

#include "support/quiet_node.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"
#include <troupe/troupe.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dist {

using troupe::actor_ref;
using troupe::context;
using text = std::shared_ptr<const std::string>;  // shared inside a node, copied between nodes

struct driver;

struct session {
  struct dispatch {
    std::uint64_t guild;
    text payload;
  };
  using protocol = troupe::protocol<void(dispatch)>;

  session(actor_ref<driver> who, bench::countdown* of_all) : whom(std::move(who)), left(of_all) {}
  void on(const dispatch& m, context& ctx);

  actor_ref<driver> whom;
  bench::countdown* left;
  std::uint64_t seen = 0;
};

/// Knows the sessions of its node, and passes on what they shall all hear.
struct relay {
  struct pass_on {
    session::dispatch event;
  };
  using protocol = troupe::protocol<void(pass_on)>;
  explicit relay(std::vector<actor_ref<session>> sessions) : all(std::move(sessions)) {}
  void on(pass_on m, context& ctx) { ctx.tell_all(all, std::move(m.event)); }
  std::vector<actor_ref<session>> all;
};

enum class way : std::uint8_t { plain, pids, group };

/// One event to all sessions of the other node, and word from the last of them.
struct driver {
  struct meet {
    std::vector<actor_ref<session>> sessions;
    actor_ref<relay> relay_there;
  };
  struct round {
    way how;
  };
  struct last {};
  using protocol = troupe::protocol<void(meet), void(round), void(last)>;

  explicit driver(bench::gate* when_done) : done(when_done) {}
  void on(meet m) {
    known = std::move(m);
    done->raise();
  }
  void on(round m, context& ctx) {
    begin = bench::now_ns();
    send(m.how, {4711, payload}, ctx);
    sent = bench::now_ns();
  }
  void on(last) {
    took.push_back(static_cast<double>(bench::now_ns() - begin));
    busy.push_back(static_cast<double>(sent - begin));
    done->raise();
  }
  void send(way how, session::dispatch event, context& ctx) {
    switch (how) {
      case way::plain:
        for (const auto& one : known.sessions) bench::expect(ctx.tell(one, event));
        break;
      case way::pids: ctx.tell_all(known.sessions, std::move(event)); break;
      case way::group:
        bench::expect(ctx.tell(known.relay_there, relay::pass_on{std::move(event)}));
        break;
    }
  }

  bench::gate* done;
  meet known;
  const text payload = std::make_shared<const std::string>(256, 'x');
  std::int64_t begin = 0, sent = 0;
  inline static std::vector<double> took, busy;  // read between rounds
};

inline void session::on(const dispatch& m, context& ctx) {
  seen += m.payload->size();
  if (left->last()) bench::expect(ctx.tell(whom, driver::last{}));
}

}  // namespace dist
