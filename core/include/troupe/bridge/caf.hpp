// Troupe's actors for programs of the C++ Actor Framework, and the other way round; link
// troupe::bridge_caf.
//
//   CAF_ALLOW_UNSAFE_MESSAGE_TYPE(counter::add)   // at global scope: plain messages in one process
//   need this CAF_ALLOW_UNSAFE_MESSAGE_TYPE(counter::get)
//
//   caf::actor c = troupe::bridge::as_caf(system, node.spawn<counter>());
//   self->send(c, counter::add{1});
//   self->request(c, 1s, counter::get{}).receive([](int n) { … }, [](caf::error& why) { … });
//
//   struct printer : troupe::bridge::mirror<printer> {
//     using protocol = troupe::protocol<void(line), int(count)>;
//   };
//   auto p = troupe::bridge::from_caf<printer>(node, system.spawn(a_caf_printer));
//   p.tell(line{"hello"});
//   int lines = p.ask(count{}, 1s).value();
//
// Typed CAF actors: caf::actor_cast<caf::typed_actor<…>>(c), caf::actor_cast<caf::actor>(typed).
// The actor system must outlive the nodes whose actors it knows, and all references of both kinds.
#pragma once

#include <troupe/bridge/caf_parts.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe::bridge {

/// The actor, or the entity, as CAF's actors see it: messages are told, requests are asked.
///
/// One CAF message holds exactly one message of the protocol; others are answered
/// `sec::unexpected_message`. Senders keep their order, and nothing blocks: what the receiver's
/// full mailbox refuses is answered `overloaded` when it was requested, and lost when it was sent,
/// since CAF knows no refusal. A request that has no answer in the protocol is answered, with an
/// empty message, when it is on its way. CAF's requests carry no deadline: one that is not handled
/// `answer_within` is answered `timeout`.
///
/// Ends with the actor, as its monitors and links are told (`to_caf(exit_reason)`: of an actor
/// whose node cannot be reached `remote_link_unreachable`); when it is sent an exit message, it
/// ends an actor of this process with it. Entities cannot be watched: their handles end with an
/// exit message only. Any thread.
template <class Ref>
caf::actor as_caf(caf::actor_system& system, const Ref& ref,
                  std::chrono::nanoseconds answer_within = std::chrono::minutes{1}) {
  return detail::make_proxy(system, ref.where(), detail::understood_by<typename Ref::behaviour>(),
                            answer_within);
}

/// Base of a class that names the protocol of a CAF actor, and is otherwise empty. Its instances,
/// made by `from_caf`, are actors that pass all on.
///
/// An ask that the CAF actor does not answer ends at its deadline; at most `most_asks` wait for one
/// CAF actor, more are answered `overloaded`. What is told waits in its mailbox, which CAF does not
/// bound. A CAF error becomes the answer (`to_troupe`).
///
/// When the CAF actor ends, so does its mirror, for the same reason: `context::watch` sees it, asks
/// that wait are answered `crashed` or `stopped`. The CAF actor does not end with its mirror.
template <class Self>
class mirror {
 public:
  mirror() = default;
  mirror(const mirror& other) : peer_(other.peer_) {}  ///< not connected yet
  mirror& operator=(const mirror&) = delete;

  void started(context& ctx) { way_ = detail::connect(peer_, ctx.template self<Self>().where()); }

  template <class M>
  auto on(M message, context& ctx) {
    using R = troupe::detail::answer_to<Self, M>;
    auto sent = caf::make_message(std::move(message));
    if constexpr (std::is_void_v<R>) {
      way_->tell(std::move(sent));
    } else {
      if (auto sink = ctx.take_sink(&troupe::detail::type_tag<R>)) {
        way_->ask(std::move(sent),
                  {std::move(sink), &detail::give_answer<R>, ctx.current_deadline()});
      } else {
        way_->tell(std::move(sent));
      }
      return later<R>{};
    }
  }

 private:
  template <class Mirror, class Starter>
  friend actor_ref<Mirror> from_caf(Starter& starter, const caf::actor& peer);

  caf::actor peer_;
  std::unique_ptr<detail::way_to_caf> way_;
};

/// The CAF actor, as Troupe's actors and nodes see it. `starter` is a node, or the context of the
/// actor whose child the mirror becomes.
template <class Mirror, class Starter>
actor_ref<Mirror> from_caf(Starter& starter, const caf::actor& peer) {
  Mirror unconnected;
  static_cast<mirror<Mirror>&>(unconnected).peer_ = peer;
  return starter.template spawn<Mirror>(std::move(unconnected));
}

}  // namespace troupe::bridge
