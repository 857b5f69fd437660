// Actors of the distributed benchmarks: clients that ask servers of another node.
#pragma once

#include "support/latencies.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"
#include <troupe/troupe.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace dist {

using troupe::actor_ref;
using troupe::context;

inline constexpr std::chrono::seconds longest_ask{60};

struct server {
  struct incr {
    std::int64_t by;
  };
  using protocol = troupe::protocol<std::int64_t(incr)>;
  std::int64_t on(incr m) { return total += m.by; }
  std::int64_t total = 0;
};

/// Has one ask under way.
struct client {
  struct begin {
    std::int64_t asks;
  };
  using protocol = troupe::protocol<void(begin)>;

  client(actor_ref<server> where, bench::latencies* seen_by, bench::gate* when_done)
      : to(std::move(where)), seen(seen_by), done(when_done) {}
  void on(begin m, context& ctx) {
    left = m.asks;
    next(ctx);
  }
  void next(context& ctx) {
    if (left-- == 0) return done->raise();
    const auto sent = bench::now_ns();
    ctx.ask(to, server::incr{left}, longest_ask)
        .then([this, sent](const troupe::result<std::int64_t>& answer, context& later) {
          if (!answer) bench::give_up("no answer: " + troupe::to_string(answer.why()));
          seen->add(bench::now_ns() - sent);
          next(later);
        });
  }

  actor_ref<server> to;
  bench::latencies* seen;
  bench::gate* done;
  std::int64_t left = 0;
};

}  // namespace dist
