// A running node: threads, links and actors, from start to the end of the handle's scope.
#pragma once

#include <troupe/core/accounting.hpp>
#include <troupe/core/actor_ref.hpp>
#include <troupe/core/events.hpp>
#include <troupe/core/log.hpp>
#include <troupe/core/options.hpp>
#include <troupe/core/result.hpp>
#include <troupe/core/supervision_tree.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace detail {
class node_inside;
}

/// Owns a node. Its destructor stops all actors, newest first and children before parents, leaves
/// the cluster and joins all threads; it waits for handlers that are running and logs which ones it
/// waits for.
///
/// Leaving takes up to `cluster.drain_timeout`; when the coordination store does not answer, up to
/// `cluster.lease`. Several nodes may live in one process. Any thread may call; the destructor must
/// not run on a worker.
class node {
 public:
  /// Starts a node with the settings of a TOML file, which must exist, overridden by TROUPE_…
  /// variables (config.hpp). Errors as below.
  static result<node> start(const std::string& file);
  /// Starts a node with these settings and nothing else. `invalid_config`, `address_in_use` say
  /// what and where.
  static result<node> start(node_options options);

  node(node&&) noexcept;
  node& operator=(node&&) noexcept;
  ~node();

  [[nodiscard]] const node_options& options() const noexcept;
  [[nodiscard]] endpoint listening() const;  ///< where other nodes reach this one
  [[nodiscard]] logger& log() const noexcept;

  /// Starts an actor that lives until it stops itself, crashes, or the node ends. Copies of `args`
  /// are given to `T`'s constructor.
  template <class T, class... Args>
  actor_ref<T> spawn(Args&&... args) {
    return actor_ref<T>{start_actor(detail::make_birth<T>(std::forward<Args>(args)...))};
  }

  /// What the actors and entities of each behaviour have cost on this node so far, by name.
  [[nodiscard]] std::vector<behaviour_account> costs() const;
  /// The same for one actor of this node; none when it has ended or lives elsewhere.
  template <class T>
  [[nodiscard]] std::optional<actor_account> costs_of(const actor_ref<T>& ref) const {
    return costs_at(ref.where());
  }

  /// Who restarts whom here: supervisors with their children, the entities of each type and what
  /// supervisors of theirs have, up to `most` lines. Waits for no handler; any thread.
  [[nodiscard]] troupe::supervision_tree supervision_tree(std::size_t most = 1000) const;

  /// Calls `subscriber` with every event of this node (events.hpp) from now on, while the
  /// subscription lives.
  ///
  /// On the thread where the event happened, several threads at once: it must be quick and wait for
  /// nothing. One that throws is logged, and stays. Events that it causes itself are told to
  /// nobody.
  subscription subscribe(std::function<void(const event&)> subscriber);

  /// Returns after SIGINT or SIGTERM. Touches signal handling only while it runs.
  void run_until_signal();
  /// First of all in `main`, before there are threads: from now on those two wait for it, so that
  /// one that comes while a node starts ends it in order, too.
  static void hold_signals();

  /// For the rooms above.
  [[nodiscard]] const std::shared_ptr<detail::node_inside>& inside() const noexcept {
    return inside_;
  }

 private:
  explicit node(std::shared_ptr<detail::node_inside> inside);
  detail::route start_actor(detail::birth&& birth);
  [[nodiscard]] static std::optional<actor_account> costs_at(const detail::route& where);

  std::shared_ptr<detail::node_inside> inside_;
};

}  // namespace troupe
