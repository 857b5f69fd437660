// Membership as a state machine: store contents and time go in, store writes and views come out.
#pragma once

#include <troupe/core/errc.hpp>
#include <troupe/sharding/coordination_store.hpp>
#include <troupe/sharding/view.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
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
struct handed_over {};  ///< this node owns nothing any more, or nobody is there to take it
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

/// One node's part in membership; a value without clock, thread or store.
///
/// joining → up → leaving → gone, and back to joining, as a new incarnation, when the lease is
/// lost. One that leaves is in no view any more, and gone when it has handed over what it owns. The
/// node may act for shards only while `serve_until()` is ahead: it lies before the moment
/// at which the store could let others take over, counted from before the last answered renewal was
/// sent, for any clock rate within 1 %. Whoever sees that the members that are up differ from the
/// view proposes the next view; compare-and-swap lets one proposal win.
class membership {
 public:
  explicit membership(membership_config config);

  [[nodiscard]] std::vector<membership_action> step(lease_time now, const membership_event& what);

  [[nodiscard]] member_state state() const noexcept { return state_; }
  [[nodiscard]] const member& self() const noexcept { return config_.self; }
  [[nodiscard]] const view& agreed() const noexcept { return view_; }
  /// Up or leaving, and with a lease: may serve while the clock reads less than this. 0: not at
  /// all.
  [[nodiscard]] lease_time serve_until() const noexcept;
  /// May take messages while the clock reads less than this: what has been taken then, can still be
  /// handled. Two thirds of the lease. 0: none.
  [[nodiscard]] lease_time admit_until() const noexcept;
  /// When `time_passed` is wanted next at the latest.
  [[nodiscard]] lease_time next_due() const noexcept;

 private:
  using actions = std::vector<membership_action>;
  enum class settings : std::uint8_t { absent, agreed, different };  // in the store

  void on(lease_time now, const time_passed&, actions& out);
  void on(lease_time now, const store_read& read, actions& out);
  void on(lease_time now, const lease_granted& granted, actions& out);
  void on(lease_time now, const lease_renewed& renewed, actions& out);
  void on(lease_time now, const lease_refused&, actions& out);
  void on(lease_time now, const links_ready&, actions& out);
  void on(lease_time now, const leave_asked&, actions& out);
  void on(lease_time now, const handed_over&, actions& out);
  void lose_lease(const std::string& why, actions& out);
  void read_settings(const store_snapshot& s, actions& out);
  void advance_self(lease_time now, actions& out);
  void propose_view(actions& out);
  [[nodiscard]] store_write own_record(member_state state) const;
  [[nodiscard]] lease_time deadline() const noexcept;
  [[nodiscard]] std::string member_key(const std::string& name) const;

  membership_config config_;
  member_state state_ = member_state::joining;
  settings settings_ = settings::absent;
  revision settings_modified_ = 0;
  bool leaving_ = false, handed_over_ = false;
  bool links_ready_ = false, up_proposed_ = false;
  lease_id lease_ = 0;  // 0: none
  lease_time lease_sent_{};
  lease_time next_renewal_{};
  lease_time joined_at_{};
  std::uint64_t incarnations_ = 0;
  view view_;
  revision view_modified_ = 0;
  std::map<std::string, std::pair<member_record, stored_value>> records_;
};

}  // namespace troupe::sharding
