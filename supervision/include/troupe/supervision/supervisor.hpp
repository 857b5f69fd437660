// A running supervision tree, from outside: its children, and OTP's administrative calls.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/context.hpp>
#include <troupe/core/node.hpp>
#include <troupe/core/supervision_tree.hpp>
#include <troupe/supervision/child_info.hpp>
#include <troupe/supervision/supervisor_spec.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::supervision {

class supervisor_actor;

/// How long calls wait for their answer; one waits while the supervisor starts or stops others.
inline constexpr std::chrono::seconds call_timeout{10};

/// A child that was started at run time.
template <class T>
struct started_child {
  actor_ref<T> ref;
  child_key key = 0;  ///< its name under a dynamic supervisor
};

/// The address of a running supervisor; copies are of the same one. It runs until it gives up, is
/// stopped, or its node ends.
///
/// Children keep their address while their supervisor restarts them: what is sent to one that is
/// down waits in its mailbox. When a supervisor itself is restarted, all below it is made anew.
/// Any thread may call; each call waits at most `call_timeout`, so that none may come from a
/// worker. Errors: what OTP answers (`admin`) is `refused`, with the word; one that has ended is
/// `stopped`.
class supervisor {
 public:
  /// Starts the tree, and waits for all of it to be up. `invalid_config`: the tree is wrong,
  /// nothing was started; `crashed`: a child did not start, those before it have been stopped
  /// again; `timeout`: it was not up within `time`, and is being stopped.
  static result<supervisor> start(node& on, const supervisor_spec& tree,
                                  std::chrono::nanoseconds time = std::chrono::minutes{1});

  /// In a handler: the tree is a child of the actor whose context this is. Returns while it starts.
  /// It stops before that actor does, and when it gives up, or cannot start, that actor crashes
  /// with it. Throws std::invalid_argument when the tree is wrong.
  static supervisor start(context& parent, const supervisor_spec& tree);

  supervisor() = default;  ///< of nobody
  explicit supervisor(actor_ref<supervisor_actor> self) : self_(std::move(self)) {}

  /// Below: `find<session>("web/session")` is the child `session` of the child `web`. `refused`: no
  /// such child, or it is no `T`.
  template <class T>
  [[nodiscard]] result<actor_ref<T>> find(std::string_view path) const {
    auto found = look_up(path, detail::behaviour_of<T>);
    if (!found) return found.why();
    return actor_ref<T>{std::move(*found)};
  }
  /// The supervisor below that is there called so.
  [[nodiscard]] result<supervisor> group(std::string_view path) const;

  /// OTP's calls. A child is named by its id, those of a dynamic supervisor by their key.
  template <class T>
  result<started_child<T>> start_child(const child_spec<T>& child) const {
    auto started = add(child.policy(), child.birth());
    if (!started) return started.why();
    return started_child<T>{actor_ref<T>{std::move(started->where)}, started->key};
  }
  result<void> start_child(const supervisor_spec& tree) const;
  /// In a handler of the same node: returns at once; what is sent to the child waits until it is
  /// up. If it is not taken, as OTP refuses it or it does not start, that is logged, and what waits
  /// is answered `stopped`. Throws std::logic_error when this is a supervisor of another node.
  template <class T>
  actor_ref<T> start_child(context& ctx, const child_spec<T>& child) const {
    return actor_ref<T>{add(ctx, child.policy(), child.birth())};
  }
  result<void> terminate_child(const child_name& who) const;
  result<void> restart_child(const child_name& who) const;
  result<void> delete_child(const child_name& who) const;
  [[nodiscard]] result<std::vector<child_info>> which_children() const;
  [[nodiscard]] result<child_counts> count_children() const;

  /// It and all below, up to `most` lines; `node::supervision_tree` shows all trees of a node.
  [[nodiscard]] result<supervision_tree> tree(std::size_t most = 1000) const;
  /// Stops it and waits; all below it stops first, in reverse order of its start. `refused`: it has
  /// a supervisor above it, where `terminate_child` stops it.
  result<void> stop(std::chrono::nanoseconds time = std::chrono::minutes{1}) const;

  /// For `ctx.watch` and `ctx.tell`.
  [[nodiscard]] const actor_ref<supervisor_actor>& ref() const noexcept { return self_; }

 private:
  struct added {
    detail::route where;
    child_key key = 0;
  };
  [[nodiscard]] result<detail::route> look_up(std::string_view path,
                                              const detail::behaviour_type& type) const;
  [[nodiscard]] result<added> add(const child_policy& policy, const detail::birth& birth) const;
  [[nodiscard]] detail::route add(context& ctx, const child_policy& policy,
                                  const detail::birth& birth) const;

  actor_ref<supervisor_actor> self_;
};

}  // namespace troupe::supervision
