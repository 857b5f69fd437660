#include "ownership_moment.hpp"

#include <algorithm>
#include <bit>

namespace troupe::model {

using namespace sharding;

namespace {

// An incarnation; far apart, since moves are numbered from it.
std::uint64_t named(std::size_t node, std::uint32_t lives) {
  return (std::uint64_t{lives} * most_nodes + node + 1) << 20;
}

std::uint64_t bit(std::uint64_t move) {
  return move <= ownership_steps::most_moves ? std::uint64_t{1} << move : 0;
}

}  // namespace

// Parts.

const node_part& moment::node(std::size_t n) const {
  return nodes_[n] ? *nodes_[n] : parts_.nodes[from_[n]];
}
const std::vector<stored_record>& moment::records() const {
  return records_ ? *records_ : parts_.records[from_[records_field]];
}
const members_part& moment::members() const {
  return members_ ? *members_ : parts_.members[from_[members_field]];
}
const std::vector<std::uint32_t>& moment::frames() const {
  return frames_ ? *frames_ : parts_.frames[from_[frames_field]];
}
const std::vector<change>& moment::changes() const {
  return changes_ ? *changes_ : parts_.changes[from_[changes_field]];
}
std::uint8_t moment::left(fault kind) const {
  const auto& all = faults_ ? *faults_ : parts_.faults[from_[faults_field]];
  return all.left[static_cast<std::size_t>(kind)];
}
bool moment::spent(fault kind) const {
  return left(kind) < rules_.faults.left[static_cast<std::size_t>(kind)];
}
node_part& moment::edit(std::size_t n) {
  if (!nodes_[n]) nodes_[n] = parts_.nodes[from_[n]];
  return *nodes_[n];
}
members_part& moment::edit_members() {
  if (!members_) members_ = members();
  return *members_;
}

world_state moment::seal() {
  auto to = from_;
  for (std::size_t n = 0; n < nodes(); ++n) {
    if (nodes_[n]) to[n] = parts_.nodes.number(*nodes_[n]);
  }
  if (records_) to[records_field] = parts_.records.number(*records_);
  if (members_) to[members_field] = parts_.members.number(*members_);
  if (frames_) to[frames_field] = parts_.frames.number(*frames_);
  if (changes_) to[changes_field] = parts_.changes.number(*changes_);
  if (faults_) to[faults_field] = parts_.faults.number(*faults_);
  return to;
}

std::uint8_t moment::number_of(const std::string& name) const {
  const auto& all = rules_.names;
  return static_cast<std::uint8_t>(std::find(all.begin(), all.end(), name) - all.begin());
}

std::uint64_t moment::incarnation(std::size_t n) const {
  return named(n, node(n).lives);
}

void moment::breaks(const std::string& what) {
  if (broken_.empty()) broken_ = what;
}

// What goes wrong.

void moment::spend(fault kind) {
  if (!faults_) faults_ = parts_.faults[from_[faults_field]];
  --faults_->left[static_cast<std::size_t>(kind)];
}

void moment::start(std::size_t n) {
  auto& is_now = edit(n);
  is_now.running = is_now.started = is_now.look = true;
  ++is_now.lives;
}

// What it had asked of the store may still be done.
void moment::crash(std::size_t n) {
  auto& was = edit(n);
  if (was.asking == asked::sent) {
    if (!changes_) changes_ = changes();
    changes_->push_back(was.under_way);
  }
  node_part gone;
  gone.own = steps_.fresh(n);
  gone.started = true;
  gone.lives = was.lives;
  gone.seen.resize(rules_.shards);
  gone.packing.resize(rules_.shards);
  gone.held.resize(rules_.shards);
  was = gone;
}

void moment::loses(std::uint32_t frame) {
  if (!frames_) frames_ = frames();
  frames_->erase(std::find(frames_->begin(), frames_->end(), frame));
}

void moment::not_answered(std::size_t n) {
  auto& is_now = edit(n);
  if (is_now.asking == asked::sent) {
    if (!changes_) changes_ = changes();
    changes_->push_back(is_now.under_way);
  }
  happening none{happening::is::txn, 0, is_now.under_way.txn,
                 static_cast<std::uint8_t>(txn_outcome::unknown)};
  is_now.asking = asked::nothing;
  is_now.under_way = {};
  tell(n, none);
}

void moment::late_change(std::size_t which) {
  const auto late = changes()[which];
  if (!changes_) changes_ = changes();
  changes_->erase(changes_->begin() + static_cast<std::ptrdiff_t>(which));
  (void)make(late);
}

// Membership, in short.

void moment::notices_pause(std::size_t n) {
  auto& is_now = edit(n);
  ++is_now.lives;
  is_now.leased = false;
  tell(n, {happening::is::lease, 0, incarnation(n), 0});
  edit(n).late = false;
}

void moment::joins(std::size_t n) {
  edit_members().members[n] = {member_phase::up, node(n).lives};
}

void moment::asked_to_leave(std::size_t n) {
  edit_members().members[n].phase = member_phase::leaving;
}

void moment::is_gone(std::size_t n) {
  crash(n);
  lease_ends(n);
}

void moment::lease_ends(std::size_t n) {
  edit_members().members[n] = {};
}

void moment::view_agreed() {
  auto& m = edit_members();
  ++m.view_epoch;
  for (std::size_t n = 0; n < nodes(); ++n) {
    m.in_view[n] = m.members[n].phase == member_phase::up ? m.members[n].lives : 0;
  }
}

// A node that sees itself among the members has its lease.
void moment::reads_members(std::size_t n) {
  const auto& m = members();
  happening h{happening::is::members};
  h.agreed.epoch = m.view_epoch;
  for (std::size_t i = 0; i < nodes(); ++i) {
    const auto& key = m.members[i];
    if (key.phase != member_phase::absent) {
      const auto is = named(i, key.lives);
      h.members[rules_.names[i]] = {is, is + static_cast<std::uint64_t>(key.phase)};
    }
    if (m.in_view[i] == 0) continue;
    member one;
    one.name = rules_.names[i];
    one.incarnation = named(i, m.in_view[i]);
    h.agreed.members.push_back(one);
  }
  auto& is_now = edit(n);
  is_now.told = members_ ? parts_.members.number(m) : from_[members_field];
  const bool is_in = m.members[n].phase != member_phase::absent &&
                     m.members[n].lives == is_now.lives && !is_now.leased;
  tell(n, h);
  if (!is_in) return;
  edit(n).leased = true;
  tell(n, {happening::is::lease, 0, incarnation(n), 1});
}

void moment::reads_records(std::size_t n) {
  auto& is_now = edit(n);
  happening h{happening::is::records};
  for (shard_id s = 0; s < rules_.shards; ++s) {
    const auto& stored = records()[s];
    if (stored.modified > is_now.seen[s]) h.records[s] = {stored.is, stored.modified};
    is_now.seen[s] = stored.modified;
  }
  is_now.look = false;
  tell(n, h);
}

// The store.

bool moment::holds(const change& c) const {
  return std::all_of(c.conditions.begin(), c.conditions.end(), [this](const auto& one) {
    if (!one.of_member) return records()[one.which].modified == one.modified;
    const auto& key = members().members[one.which];
    if (key.phase == member_phase::absent) return one.modified == 0;
    return named(one.which, key.lives) + static_cast<std::uint64_t>(key.phase) == one.modified;
  });
}

bool moment::make(const change& c) {
  if (!holds(c)) return false;
  if (!records_) records_ = records();
  for (const auto& [shard, record] : c.writes) {
    auto& stored = (*records_)[shard];
    if (record.epoch <= stored.is.epoch) breaks("an epoch was given twice");
    const bool carried_on = stored.is.epoch == 0 || record.born == stored.is.born;
    if (!carried_on && !lost_state_is_excused()) breaks("state was lost, and nobody had crashed");
    const auto& owner = members().members[number_of(record.owner)];
    const bool is_there = owner.phase != member_phase::absent &&
                          named(number_of(record.owner), owner.lives) == record.incarnation;
    const bool is_new = record.incarnation != stored.is.incarnation;
    if (is_new && !is_there) breaks("a shard was given to a node that was gone");
    stored = {record, stored.modified + 1};
  }
  return true;
}

bool moment::lost_state_is_excused() const {
  return spent(fault::crash) || spent(fault::pause);
}

void moment::store_decides(std::size_t n) {
  const bool made = make(node(n).under_way);
  edit(n).asking = made ? asked::done : asked::refused;
}

void moment::answered(std::size_t n) {
  auto& is_now = edit(n);
  const auto how = is_now.asking == asked::done ? txn_outcome::done : txn_outcome::refused;
  const happening h{happening::is::txn, 0, is_now.under_way.txn, static_cast<std::uint8_t>(how)};
  is_now.asking = asked::nothing;
  is_now.under_way = {};
  tell(n, h);
}

// Words and cargo.

// To nobody it is lost; what was under way when its node crashed may reach the next life.
void moment::send(frame f) {
  if (!node(f.to).running) return;
  if (!frames_) frames_ = frames();
  const auto number = parts_.each_frame.number(f);
  const auto at = std::lower_bound(frames_->begin(), frames_->end(), number);
  if (at == frames_->end() || *at != number) frames_->insert(at, number);
}

void moment::arrives(std::uint32_t which, bool again) {
  if (!again) loses(which);
  const auto& f = parts_.each_frame[which];
  if (!f.shipped) {
    happening h{happening::is::word};
    h.from = rules_.names[f.from];
    h.word = f.word;
    return tell(f.to, h);
  }
  // Whole cargo gives way to no other; ownership drops it when it is not wanted.
  const auto shipped = *f.shipped;
  auto& staged = edit(f.to).staged;
  const auto same = std::find_if(staged.begin(), staged.end(),
                                 [&](const cargo& c) { return c.shard == shipped.shard; });
  if (same != staged.end()) {
    if (same->move != shipped.move) {
      handoff_word no{handoff_step::not_ready, shipped.shard, shipped.move};
      return send({f.to, f.from, {}, no});
    }
    *same = shipped;
  } else {
    staged.push_back(shipped);
  }
  tell(f.to, {happening::is::staged, f.shipped->shard, f.shipped->move});
}

void moment::packed(std::size_t n, shard_id shard, bool well) {
  const auto move = std::exchange(edit(n).packing[shard], 0);
  tell(n, {happening::is::packed, shard, move, static_cast<std::uint8_t>(well ? 1 : 0)});
}

// New moves get the lowest numbers that nobody uses.
std::vector<std::uint64_t> moment::new_names(const step_result& result) const {
  std::uint64_t used = 1 | steps_.facts(result.own).moves;
  const auto of_change = [&used](const change& c) {
    for (const auto& [shard, record] : c.writes) used |= bit(record.move);
  };
  for (std::size_t n = 0; n < nodes(); ++n) {
    used |= steps_.facts(node(n).own).moves;
    for (const auto& c : node(n).staged) used |= bit(c.move);
    for (const auto move : node(n).packing) used |= bit(move);
    of_change(node(n).under_way);
  }
  for (const auto& r : records()) used |= bit(r.is.move);
  for (const auto& c : changes()) of_change(c);
  for (const auto number : frames()) {
    const auto& f = parts_.each_frame[number];
    used |= bit(f.word.move) | bit(f.word.record.move) | bit(f.shipped ? f.shipped->move : 0);
  }
  std::vector<std::uint64_t> names;
  for (std::uint32_t i = 0; i < result.new_moves; ++i) {
    names.push_back(static_cast<std::uint64_t>(std::countr_one(used)));
    used |= bit(names.back());
  }
  return names;
}

}  // namespace troupe::model
