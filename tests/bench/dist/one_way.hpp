// Actors of the distributed benchmarks: pairs of which one sends to the other, on another node.
#pragma once

#include "support/quiet_node.hpp"
#include "support/waiting.hpp"
#include <troupe/troupe.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace dist {

using troupe::actor_ref;
using troupe::context;
using text = std::shared_ptr<const std::string>;  // shared inside a node, copied between nodes

struct producer;

/// Takes so many messages; gives credit back in batches, so that its mailbox never fills.
struct sink {
  struct event {
    std::int64_t number;
    std::string data;
  };
  struct blob {
    std::int64_t number;
    text data;
  };
  using protocol = troupe::protocol<void(event), void(blob)>;
  static constexpr std::uint32_t mailbox = 32'768;

  sink(actor_ref<producer> whose, std::int64_t messages, std::int32_t how_many)
      : from(std::move(whose)), left(messages), batch(how_many) {}
  void on(const event& m, context& ctx) {
    bytes += m.data.size();
    count(ctx);
  }
  void on(const blob& m, context& ctx) {
    bytes += m.data->size();
    count(ctx);
  }
  void count(context& ctx);

  actor_ref<producer> from;
  std::int64_t left;
  std::int32_t batch;
  std::int32_t taken = 0;
  std::uint64_t bytes = 0;
};

/// Sends while it has credit.
struct producer {
  struct begin {
    actor_ref<sink> to;
    std::int64_t messages;
    std::int32_t credit;
    text data;
    bool shared;  ///< `data` is not copied on this node
  };
  struct credit {
    std::int32_t more;
  };
  struct all_came {};
  using protocol = troupe::protocol<void(begin), void(credit), void(all_came)>;

  explicit producer(bench::gate* when_done) : done(when_done) {}
  void on(begin m, context& ctx) {
    now = std::move(m);
    send(now.credit, ctx);
  }
  void on(credit m, context& ctx) { send(m.more, ctx); }
  void on(all_came) { done->raise(); }

  void send(std::int32_t most, context& ctx) {
    for (; most > 0 && now.messages > 0; --most, --now.messages) {
      bench::expect(now.shared ? ctx.tell(now.to, sink::blob{now.messages, now.data})
                               : ctx.tell(now.to, sink::event{now.messages, *now.data}));
    }
  }

  bench::gate* done;
  begin now;
};

inline void sink::count(context& ctx) {
  if (++taken == batch) {
    taken = 0;
    bench::expect(ctx.tell(from, producer::credit{batch}));
  }
  if (--left == 0) bench::expect(ctx.tell(from, producer::all_came{}));
}

}  // namespace dist
