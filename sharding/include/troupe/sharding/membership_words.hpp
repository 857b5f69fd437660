// What membership is told, and what it decides.
#pragma once

#include <troupe/core/errc.hpp>
#include <troupe/sharding/coordination_store.hpp>
#include <troupe/sharding/view.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::sharding {

enum class member_state : std::uint8_t { joining, up, leaving, gone };
[[nodiscard]] std::string_view to_string(member_state state) noexcept;

/// A member's record in the store, kept under its lease.
struct member_record {
  member self;
  member_state state = member_state::joining;

  friend bool operator==(const member_record&, const member_record&) = default;
};

/// What membership of one cluster is about. All times are readings of the machine's clock since
/// boot.
using lease_time = std::chrono::nanoseconds;

struct membership_config {
  std::string prefix;               ///< of all keys: "<cluster>/"
  member self;                      ///< incarnation: of the first join
  std::string settings;             ///< what must be equal on all nodes, as text
  std::chrono::milliseconds lease;  ///< T
};

// What happens.
struct time_passed {};  ///< at `next_due()` at the latest, and after any pause
struct store_read {
  store_snapshot snapshot;
};
struct lease_granted {
  lease_id lease = 0;
  lease_time sent{};  ///< before the request left
};
struct lease_renewed {
  lease_time sent{};
};
struct lease_refused {};  ///< the store says that our lease has ended
struct links_ready {};    ///< connected, both ways, to every member
struct leave_asked {};
struct handed_over {};  ///< this node, which leaves, owns nothing any more, and never will
using membership_event = std::variant<time_passed, store_read, lease_granted, lease_renewed,
                                      lease_refused, links_ready, leave_asked, handed_over>;

// What is to be done, in order.
struct grant_lease {
  friend bool operator==(const grant_lease&, const grant_lease&) = default;
};
struct renew_lease {
  lease_id lease = 0;
  friend bool operator==(const renew_lease&, const renew_lease&) = default;
};
struct revoke_lease {
  lease_id lease = 0;
  friend bool operator==(const revoke_lease&, const revoke_lease&) = default;
};
struct commit_txn {
  store_txn txn;
  friend bool operator==(const commit_txn&, const commit_txn&) = default;
};
struct publish {  ///< the members and the view that the store holds now
  view agreed;
  std::vector<member_record> records;
  std::map<std::string, revision> modified;  ///< that wrote each record, by name
  friend bool operator==(const publish&, const publish&) = default;
};
struct become {  ///< join with this incarnation from now on
  std::uint64_t incarnation = 0;
  friend bool operator==(const become&, const become&) = default;
};
struct stop_serving {
  std::string why;
  friend bool operator==(const stop_serving&, const stop_serving&) = default;
};
struct give_up {  ///< this node cannot be a member now; it goes on trying
  error why;
  friend bool operator==(const give_up&, const give_up&) = default;
};
using membership_action = std::variant<grant_lease, renew_lease, revoke_lease, commit_txn, publish,
                                       become, stop_serving, give_up>;

}  // namespace troupe::sharding
