#include "ownership/ownership.hpp"

#include <troupe/sharding/ring.hpp>

#include <algorithm>
#include <utility>

namespace troupe::sharding {

namespace {

/// Within an epoch, entities are promoted and pinned. A word about that may be older than what was
/// read, and the store would not tell again.
bool is_newer(const known_record& told, const known_record& known) {
  if (told.is.epoch != known.is.epoch) return told.is.epoch > known.is.epoch;
  return told.modified != 0 || told.is.promoted.size() > known.is.promoted.size();
}

}  // namespace

ownership::ownership(ownership_config config) : config_(std::move(config)) {
  for (shard_id s = 0; s < config_.sharding.shards; ++s) (void)places_.change(s);
  look_again();
  targets_.resize(config_.sharding.shards);
}

std::vector<ownership_action> ownership::step(lease_time now, const ownership_event& what) {
  actions out;
  now_ = now;
  // Before anything else, whatever happened during a pause.
  if (!leased(now)) let_all_go(out);
  std::visit([&](const auto& e) { on(now, e, out); }, what);
  look_again();
  if (leased(now)) decide(now, out);
  look_again();
  return out;
}

void ownership::look_again() {
  places_.look_again([this](shard_id shard, const place& p) { return wants(shard, p); });
}

// What is known.

bool ownership::alive(const std::string& node, std::uint64_t incarnation) const {
  const auto found = members_.find(node);
  return found != members_.end() && found->second.incarnation == incarnation;
}

bool ownership::ours(const shard_record& record) const {
  return record.owner == config_.self &&
         (record.incarnation == incarnation_ || !config_.obeyed.own_incarnation);
}

// The clock is asked, not what it said before.
bool ownership::leased(lease_time now) const {
  return config_.obeyed.lease_at_use ? now < serve_until_ : serve_until_ != lease_time{};
}

std::string ownership::target_of(shard_id shard) const {
  const auto& pinned = record_of(shard).pinned;
  if (!pinned.empty() && view_.find(pinned)) return pinned;
  const auto base = base_of(shard);
  return base < targets_.size() ? targets_[base] : std::string{};
}

/// There is something to do about it that is not under way.
bool ownership::wants(shard_id shard, const place& p) const {
  if (p.txn != 0 || rests_with_base(shard)) return false;
  const auto target = target_of(shard);
  if (p.as == holding::absent || p.as == holding::warm) {
    return target == config_.self && orphaned(p) && !leaves_;
  }
  return p.as == holding::active && !target.empty() && target != config_.self;
}

bool ownership::serves(shard_id shard, std::uint64_t epoch, lease_time now) const {
  const auto* const found = places_.find(shard);
  if (!found || found->epoch != epoch) return false;
  if (!leased(now)) return false;
  const auto as = found->as;
  if (as == holding::active || as == holding::preparing) return true;
  return !config_.obeyed.freeze && as >= holding::freezing;
}

holding ownership::held(shard_id shard) const {
  const auto* const found = places_.find(shard);
  return found ? found->as : holding::absent;
}

std::uint64_t ownership::epoch_of(shard_id shard) const {
  const auto* const found = places_.find(shard);
  return found ? found->epoch : 0;
}

const shard_record& ownership::record_of(shard_id shard) const {
  static const shard_record none;
  const auto* const found = places_.find(shard);
  return found ? found->record.is : none;
}

std::size_t ownership::holds() const {
  const auto warm = std::ranges::count_if(
      places_.busy(), [this](shard_id shard) { return held(shard) == holding::warm; });
  return places_.held().size() - static_cast<std::size_t>(warm);
}

// What is loaded may be ours at any time, until its owner has said that it is not.
bool ownership::empty_handed() const {
  const auto may_come = [this](shard_id shard) {
    const auto& p = *places_.find(shard);
    return (p.as == holding::warm && p.loaded) || p.txn != 0;
  };
  return holds() == 0 &&
         !(config_.obeyed.leaver_takes_nothing && std::ranges::any_of(places_.busy(), may_come));
}

std::size_t ownership::unsettled() const {
  const auto under_way = std::ranges::count_if(places_.busy(), [this](shard_id shard) {
    const auto& p = *places_.find(shard);
    return (p.as != holding::absent && p.as != holding::active) || p.txn != 0;
  });
  const auto unclaimed = std::ranges::count_if(
      places_.to_claim(), [this](shard_id shard) { return held(shard) == holding::absent; });
  return static_cast<std::size_t>(under_way + unclaimed) + places_.to_move().size();
}

lease_time ownership::next_due() const noexcept {
  auto due = places_.held().empty() ? lease_time::max() : serve_until_;
  for (const auto shard : places_.busy()) {
    const auto& p = *places_.find(shard);
    if (p.due != lease_time{}) due = std::min(due, p.due);
  }
  return due;
}

// The lease, members, and records.

void ownership::on(lease_time now, const time_passed&, actions& out) {
  for (const auto shard : places_.busy()) {
    const auto due = places_.find(shard)->due;
    if (due == lease_time{} || now < due) continue;
    auto& p = places_.change(shard);
    p.due = {};
    patience_ended(now, shard, p, out);
  }
}

void ownership::on(lease_time now, const lease_known& lease, actions& out) {
  const bool leaves = lease.leaves && config_.obeyed.leaver_takes_nothing;
  if (lease.incarnation != incarnation_) let_all_go(out);
  if (lease.incarnation != incarnation_ || leaves != leaves_) places_.all_changed();
  incarnation_ = lease.incarnation;
  leaves_ = leaves;
  serve_until_ = lease.serve_until;
  if (!leased(now)) let_all_go(out);
}

void ownership::on(lease_time now, const members_known& known, actions& out) {
  if (members_ == known.members && view_ == known.agreed) return;
  places_.all_changed();
  members_ = known.members;
  if (view_ != known.agreed) {
    view_ = known.agreed;
    const ring placed{view_, config_.sharding};
    for (shard_id s = 0; s < targets_.size(); ++s) {
      const auto owner = placed.owner(s);
      targets_[s] = owner == nobody ? std::string{} : view_.members[owner].name;
    }
  }
  for (const auto shard : places_.busy()) lose_node(now, shard, places_.change(shard), out);
}

void ownership::on(lease_time now, const records_known& known, actions& out) {
  must_read_ = false;
  // Those of promoted entities first: the shard that they are from must know which are its.
  for (auto it = known.records.rbegin(); it != known.records.rend(); ++it)
    learn(now, it->first, it->second, out);
  for (const auto shard : places_.busy()) outcome_seen(now, shard, places_.change(shard), out);
}

void ownership::learn(lease_time now, shard_id shard, const known_record& known, actions& out) {
  auto& p = places_.change(shard);
  if (!is_newer(known, p.record)) return;
  const bool news = known.is != p.record.is;
  const auto modified = std::max(known.modified, news ? 0 : p.record.modified);
  p.record = {known.is, modified};
  if (!news) return;
  out.emplace_back(shard_routed{shard, known.is});
  if (ours(known.is)) {
    learn_ours(now, shard, p, out);
  } else if (p.as != holding::absent && known.is.epoch > p.epoch) {
    let_go(shard, p, known.is.move != 0 && known.is.move == p.move, out);
  }
}

void ownership::learn_ours(lease_time now, shard_id shard, place& p, actions& out) {
  const bool newer = p.record.is.epoch > p.epoch;
  const bool running = p.as >= holding::active && p.as != holding::reclaiming;
  if (newer && running) {
    carried_on(now, shard, p, out);
  } else if ((newer || p.as == holding::warm) && !waits_to_be_set_apart(shard)) {
    begin(shard, p, p.record.is.epoch, out);
  }
}

// Holding and letting go.

void ownership::begin(shard_id shard, place& p, std::uint64_t epoch, actions& out) {
  const auto move = p.record.is.move;
  const bool begun = p.as == holding::fencing || p.as == holding::replaying;
  const bool with_cargo = p.loaded && (move == p.move || !config_.obeyed.cargo_of_this_move) &&
                          (p.as == holding::warm || begun);
  if (p.as == holding::warm && !with_cargo) {
    out.emplace_back(drop_cargo{shard, p.move});
    p.move = 0;
  }
  p.as = holding::fencing;
  p.epoch = epoch;
  p.loaded = with_cargo;
  p.due = {};
  out.emplace_back(fence_journal{shard, epoch});
}

void ownership::let_go(shard_id shard, place& p, bool moved, actions& out) {
  if (p.as == holding::absent) return;
  if (p.as == holding::warm) {
    out.emplace_back(drop_cargo{shard, p.move});
  } else {
    if (p.loaded) out.emplace_back(drop_cargo{shard, p.move});
    out.emplace_back(drop_cells{shard, moved});
    drop_unset(shard, p, out);
  }
  place gone;
  gone.record = p.record;
  gone.at_least = p.at_least;
  p = gone;
}

void ownership::let_all_go(actions& out) {
  for (const auto& [shard, known] : places_.all()) {
    if (known.as == holding::absent && known.txn == 0 && known.due == lease_time{}) continue;
    auto& p = places_.change(shard);
    let_go(shard, p, false, out);
    p.txn = 0;
    p.due = {};
  }
  txns_.clear();
}

void ownership::on(lease_time, const journal_fenced& fenced, actions& out) {
  auto& p = places_.change(fenced.shard);
  if (p.as != holding::fencing || p.epoch != fenced.epoch) return;
  if (fenced.refused_by == 0) {
    p.as = holding::replaying;
    return out.emplace_back(replay_journal{fenced.shard, p.epoch}), void();
  }
  let_go(fenced.shard, p, false, out);
  p.at_least = fenced.refused_by;
}

void ownership::on(lease_time, const journal_replayed& replayed, actions& out) {
  auto& p = places_.change(replayed.shard);
  if (p.as != holding::replaying || p.epoch != replayed.epoch) return;
  p.as = holding::active;
  if (std::exchange(p.at_rest, false)) {
    out.emplace_back(unpack_cells{replayed.shard, p.epoch, newly_apart(replayed.shard)});
  } else {
    const auto move = p.loaded ? p.move : 0;
    out.emplace_back(serve_shard{replayed.shard, p.epoch, move, newly_apart(replayed.shard)});
  }
  p.loaded = false;
  p.move = 0;
}

// Fenced: somebody else is the owner. Not known: what the journal holds is read again, in the same
// epoch, and what waits at the store wins or loses against its own position.
void ownership::on(lease_time, const journal_lost& lost, actions& out) {
  auto& p = places_.change(lost.shard);
  if (p.epoch != lost.epoch || p.as <= holding::replaying) return;
  const auto epoch = p.epoch;
  let_go(lost.shard, p, false, out);
  if (lost.refused) {
    p.at_least = std::max(p.at_least, lost.refused_by);
    out.emplace_back(look_at_records{});
  } else {
    begin(lost.shard, p, epoch, out);
  }
}

void ownership::decide(lease_time now, actions& out) {
  if (!must_read_) claim_orphans(out);
  start_moves(now, out);
}

}  // namespace troupe::sharding
