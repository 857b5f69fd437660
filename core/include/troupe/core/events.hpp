// What goes wrong inside a node, as events that a program can subscribe to.
#pragma once

#include <troupe/core/errc.hpp>
#include <troupe/core/exit_reason.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace troupe {

/// A message that will not be handled. Its asker, if there is one, is told as well. What is empty
/// is not known on this node.
///
/// Told on the node where the message was lost: for all that come from other nodes, or were sent by
/// an actor or to an entity. What another thread of the program sends to an actor, and `tell`
/// refuses, that thread knows.
struct dead_letter {
  std::string behaviour;  ///< of the receiver: "guild"
  std::string id;         ///< the entity's id, or the actor's number
  std::string message;    ///< "post"
  error why;              ///< `stopped`, `unavailable`, `crashed`, …
};

/// A handler, or a hook, threw.
struct actor_crashed {
  std::string behaviour;
  std::string id;
  std::string message;      ///< "started", "stopping", "constructor" for those
  std::string what;         ///< what was thrown
  crash_decision decision;  ///< what is done about it
};

/// What a supervisor does about one of its children.
struct child_report {
  std::string supervisor;   ///< its path: "root/web"
  std::string child;        ///< its id
  std::string what;         ///< "ended", "failed_to_start", "overran", "abandoned", "gave_up", …
  std::string why;          ///< "crashed: out of range"
  std::string message;      ///< of a crash: whose handler threw
  std::size_t restart = 0;  ///< which of those that count now; 0: none
  std::size_t of = 0;       ///< so many may be within `period`
  std::chrono::nanoseconds period{0};
  std::string next;                   ///< "restart", "try_again", "shut_down", "nothing"
  std::chrono::nanoseconds after{0};  ///< how long until then
};

/// An entity has crashed so often on messages equal to this one that it is set aside: such messages
/// are answered `crashed` and not handled, until `entities::release`.
struct message_set_aside {
  std::string behaviour;
  std::string id;
  std::string message;  ///< "post"
  std::string bytes;    ///< as it is encoded
  std::uint32_t crashes = 0;
  std::string what;  ///< what was thrown last
};

/// What can be full.
enum class full_queue : std::uint8_t {
  mailbox,  ///< of the actor
  stash,    ///< of the actor, as its handler put a message aside (`ctx.stash`)
  pool,     ///< of threads, as the actor handed it a job (`ctx.offload`)
};

/// A bounded queue was full: this message, or job, was refused. No dead_letter is told for it.
struct overloaded {
  std::string behaviour;
  std::string id;
  std::string message;        ///< empty: a job
  std::uint32_t waiting = 0;  ///< in that queue; of a mailbox about
  std::uint32_t bound = 0;    ///< that it may hold
  full_queue queue = full_queue::mailbox;
  std::string pool;  ///< its name, if it was one
};

/// A handler has run for `so_far` and goes on; told at 100 ms, and each time that has doubled.
struct long_handler {
  std::string behaviour;
  std::chrono::milliseconds so_far{0};
};

using event = std::variant<dead_letter, actor_crashed, message_set_aside, child_report, overloaded,
                           long_handler>;

/// What `node::subscribe` gives: the subscriber is called while this lives.
///
/// Its end waits for calls that are running on other threads; it may come inside such a call. It
/// may outlive the node.
class [[nodiscard]] subscription {
 public:
  subscription() = default;  ///< to nothing
  explicit subscription(std::function<void()> end) : end_(std::move(end)) {}
  subscription(subscription&& other) noexcept : end_(std::exchange(other.end_, nullptr)) {}
  subscription& operator=(subscription&& other) noexcept {
    std::swap(end_, other.end_);
    return *this;
  }
  ~subscription() {
    if (end_) end_();
  }

 private:
  std::function<void()> end_;
};

}  // namespace troupe
