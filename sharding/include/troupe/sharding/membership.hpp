// Membership as a state machine: store contents and time go in, store writes and views come out.
#pragma once

#include <troupe/sharding/membership_words.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe::sharding {

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
  [[nodiscard]] bool leaves() const noexcept { return leaving_; }  ///< was asked to
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
  [[nodiscard]] bool alone() const;
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
