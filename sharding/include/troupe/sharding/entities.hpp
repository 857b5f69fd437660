// All entities of one type: found by id, started by their first message, on the node that owns
// them.
#pragma once

#include <troupe/core/detail/travel.hpp>
#include <troupe/core/durable.hpp>
#include <troupe/core/node.hpp>
#include <troupe/core/result.hpp>
#include <troupe/sharding/entity_ref.hpp>
#include <troupe/supervision/quarantine.hpp>
#include <troupe/supervision/restart_in_place.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

namespace sharding {
class region;

/// What a region needs to run entities of one type.
struct region_options {
  detail::recipe how;
  std::uint32_t quarantine_after = 0;
  std::chrono::nanoseconds given_up_for{};  ///< how long an entity that was given up stays refused
  std::chrono::nanoseconds passivate_after{};  ///< 0: never
};

/// Opens the node's region for a type; joins the cluster first. Throws std::logic_error when it is
/// open.
std::shared_ptr<region> open_region(node& n, const region_options& options);
/// Stops the region's entities here and forgets the type.
void close_region(region& r);
std::shared_ptr<detail::carrier> carrier_of(const std::shared_ptr<region>& r);
result<actor_account> costs_of(region& r, std::string_view id);
std::vector<supervision::poison> set_aside(region& r);
bool release(region& r, std::string_view id);
}  // namespace sharding

/// How the entities of one type are run.
struct entity_options {
  /// one_for_one: so many crashes of one entity in a period restart it; one more, and messages to
  /// it are answered `crashed` until the period is over.
  supervision::intensity restart{};
  /// Messages equal to one that an entity crashed on so often, on this node, are set aside: told as
  /// an event, answered `crashed`, and not handled until `release`. 0: none. More than
  /// `restart.restarts`: an entity that crashes quickly is given up before.
  std::uint32_t quarantine_after = 3;
  /// Waits before restarts, in which its messages wait, too: without, the default, none.
  supervision::backoff backoff{};
  /// A durable entity that has handled nothing for so long, and up to half as long again, leaves
  /// memory, and is read again for its next message; unless it waits for something, has timers,
  /// children or coroutines, watches, or is watched. 0: never.
  std::chrono::nanoseconds passivate_after = std::chrono::seconds{120};
};

/// Makes a node run entities of type `T`, on every node that should own some.
///
/// An entity that moves takes its state along, its timers, and what waits for it. Its fields are
/// written as a message's are; there `void arrived(context&)`, if `T` has it, is called in place of
/// `started`, to watch again and fill caches, and here `stopping` is not. `T` cannot be encoded:
/// say `static constexpr bool stays_put = true;`, and its entities begin afresh after a move.
///
/// Its children move with it, and theirs, when `arrived` starts them again, or their supervisor:
/// each that is started within five seconds takes up what the one of its id and behaviour had, has
/// a new address, and its own `arrived` is called. What nobody takes up is logged, and asks that
/// wait there are answered `stopped`. A child without an id keeps its entity from moving, unless
/// its behaviour says `stays_put`: then it ends with the old life. Watches, links and restart
/// counts stay behind.
///
/// The first one makes the node join its cluster and waits, up to `cluster.join_timeout`, until it
/// is a member; if it cannot be, everything is answered `unavailable` until it is, and the log
/// and `cluster::wait_until_up` say why. The
/// destructor hands over what runs here to other members (see cluster::drain), with which the node
/// leaves, and stops the rest. One per type and node; it must not outlive the node.
template <class T>
class entities {
 public:
  explicit entities(node& n, entity_options options = {})
      : region_(sharding::open_region(n, {recipe_for(options), options.quarantine_after,
                                          options.restart.period, options.passivate_after})),
        carrier_(sharding::carrier_of(region_)) {}
  entities(const entities&) = delete;
  entities& operator=(const entities&) = delete;
  ~entities() { sharding::close_region(*region_); }

  /// The entity called `id`, of 1 to 512 bytes. Nothing is started or sent yet.
  [[nodiscard]] entity_ref<T> operator[](std::string id) const {
    return entity_ref<T>{{carrier_, {std::move(id), 0}}};
  }

  /// What the entity called `id` has cost in this life on this node, as `node::costs_of` an actor;
  /// nothing is started. `stopped`: it would run here and does not now; `unavailable`: it lives
  /// elsewhere, and the sentence says where. Any thread.
  [[nodiscard]] result<actor_account> costs_of(std::string_view id) const {
    return sharding::costs_of(*region_, id);
  }

  /// What is set aside on this node: at most 8 messages of one name for each of 8 names, of 1000
  /// entities. Any thread.
  [[nodiscard]] std::vector<supervision::poison> set_aside() const {
    return sharding::set_aside(*region_);
  }
  /// Forgets what the entity crashed on here, so that such messages are handled again; false: it
  /// crashed on nothing lately. Any thread.
  bool release(std::string_view id) const { return sharding::release(*region_, id); }

 private:
  static detail::recipe recipe_for(const entity_options& options) {
    detail::recipe how;
    how.type = &detail::behaviour_of<T>;
    how.construct = [](std::string_view id, void* where) {
      if constexpr (!std::is_aggregate_v<T> && std::is_constructible_v<T, std::string>) {
        ::new (where) T(std::string{id});
      } else {
        ::new (where) T();
      }
    };
    how.policy = [options] {
      return supervision::restart_in_place(options.restart, options.backoff);
    };
    detail::teach_to_travel<T>(how);
    how.durable = detail::durable_kit_for<T>();
    return how;
  }

  std::shared_ptr<sharding::region> region_;
  std::shared_ptr<detail::carrier> carrier_;
};

}  // namespace troupe
