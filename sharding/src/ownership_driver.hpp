// Carries out what ownership decides: between the state machine, the store, and the entities.
#pragma once

#include "lease_clock.hpp"
#include "ownership/ownership.hpp"
#include <troupe/core/log.hpp>
#include <troupe/sharding/coordination_store.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::sharding {

/// What the driver has done by others; called on its thread. What comes of it is told to the
/// driver by its user, from whatever thread, through `membership_driver::soon`.
struct ownership_effects {
  std::function<void(const say_to&)> say;
  std::function<void(const pack_cells&)> pack;
  std::function<void(const ship_cells&)> ship;
  std::function<void(const unpack_cells&)> unpack;
  std::function<void(const drop_cells&)> drop;
  std::function<void(const drop_cargo&)> drop_cargo;
  /// What refuses the fence, if anything is known: an epoch; else 0.
  std::function<std::uint64_t(const fence_journal&)> fence;
  std::function<void(const serve_shard&)> serve;
  std::function<void(const set_apart&)> set_apart;
  /// Records that are new, in one go.
  std::function<void(const std::map<shard_id, shard_record>&)> routed;
};

/// Lives on the thread of the membership driver; nobody else may call.
class ownership_driver {
 public:
  ownership_driver(ownership_config config, std::shared_ptr<coordination_store> store, logger& log,
                   ownership_effects effects);

  /// Tells the machine, and does what it says, until there is nothing to be done.
  void happened(ownership_event what);
  /// The store has changed: reads the records that are new.
  void look();
  /// Goes on with what is not done yet, and with what is due. Answers when to be called again.
  lease_time round();
  [[nodiscard]] const ownership& machine() const noexcept { return machine_; }

 private:
  void perform(const commit_records& a);
  void perform(const look_at_records&) { look_again_ = true; }
  void perform(const say_to& a) { effects_.say(a); }
  void perform(const pack_cells& a) { effects_.pack(a); }
  void perform(const ship_cells& a) { effects_.ship(a); }
  void perform(const unpack_cells& a) { effects_.unpack(a); }
  void perform(const drop_cells& a) { effects_.drop(a); }
  void perform(const drop_cargo& a) { effects_.drop_cargo(a); }
  void perform(const fence_journal& a);
  void perform(const replay_journal& a);
  void perform(const serve_shard& a) { effects_.serve(a); }
  void perform(const set_apart& a) { effects_.set_apart(a); }
  void perform(const shard_routed& a) { news_[a.shard] = a.record; }
  void perform(const move_failed& a);
  void run();
  void tell_routes();
  [[nodiscard]] bool read();

  const std::string shards_prefix_;
  const lease_clock clock_ = machine_clock();
  std::shared_ptr<coordination_store> store_;
  logger& log_;
  ownership_effects effects_;
  ownership machine_;
  revision seen_ = 0;  // of the records
  bool look_again_ = false;
  bool running_ = false;
  std::deque<ownership_event> events_;
  std::map<shard_id, shard_record> news_;
};

}  // namespace troupe::sharding
