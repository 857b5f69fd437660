#include "ownership_model.hpp"

#include <algorithm>

namespace troupe::model {

using namespace sharding;

ownership_model::ownership_model(world_rules rules)
    : rules_(std::move(rules)), steps_(rules_.shards, rules_.names, rules_.obeyed) {}

ownership_model::state ownership_model::initial() {
  world_state s{};
  for (std::size_t n = 0; n < rules_.names.size(); ++n) {
    node_part p;
    p.own = steps_.fresh(n);
    p.seen.resize(rules_.shards);
    p.packing.resize(rules_.shards);
    p.held.resize(rules_.shards);
    s[n] = parts_.nodes.number(p);
  }
  members_part none;
  none.members.resize(rules_.names.size());
  none.in_view.resize(rules_.names.size());
  s[records_field] = parts_.records.number(std::vector<stored_record>(rules_.shards));
  s[members_field] = parts_.members.number(none);
  s[frames_field] = parts_.frames.number({});
  s[changes_field] = parts_.changes.number({});
  s[faults_field] = parts_.faults.number(rules_.faults);
  return s;
}

void ownership_model::add(deed what, std::size_t who, std::size_t which) {
  possible_.push_back({static_cast<std::uint8_t>(what), static_cast<std::uint8_t>(who),
                       static_cast<std::uint32_t>(which)});
}

const std::vector<label>& ownership_model::possible(const state& from) {
  const moment m{parts_, steps_, rules_, from};
  possible_.clear();
  for (std::size_t n = 0; n < m.nodes(); ++n) of_node(m, n);
  of_store(m);
  for (const auto number : m.frames()) {
    const auto& f = parts_.each_frame[number];
    const auto& to = m.node(f.to);
    if (to.running && to.asking == asked::nothing && !must_read(m, f.to)) {
      add(deed::arrives, f.to, number);
      if (m.left(fault::doubled) != 0) add(deed::doubled, f.to, number);
    }
    if (m.left(fault::lost) != 0) add(deed::lost, f.to, number);
  }
  return possible_;
}

void ownership_model::of_node(const moment& m, std::size_t n) {
  const auto& p = m.node(n);
  if (!p.running) {
    const bool may =
        n == 0 || (rules_.join_in_turn ? m.members().in_view[n - 1] != 0 : m.node(n - 1).started);
    if (!p.started && may) add(deed::start, n);
    if (p.started && m.left(fault::restart) != 0) add(deed::restart, n);
    return;
  }
  if (m.left(fault::crash) != 0) add(deed::crash, n);
  if (p.leased && !p.late && m.left(fault::pause) != 0) add(deed::pause, n);
  if (p.asking == asked::nothing) return of_running(m, n);
  add(p.asking == asked::sent ? deed::store_decides : deed::answered, n);
  if (m.left(fault::unknown) != 0) add(deed::not_answered, n);
}

bool ownership_model::is_behind(const moment& m, std::size_t n) {
  const auto& p = m.node(n);
  return p.running && !p.late && p.told != parts_.members.number(m.members());
}

// Two nodes that know different views would give a shard to each other for ever.
bool ownership_model::must_read(const moment& m, std::size_t n) {
  const auto old = std::any_of(m.records().begin(), m.records().end(),
                               [this](const auto& r) { return r.is.epoch >= rules_.prompt_from; });
  return old && is_behind(m, n);
}

void ownership_model::of_running(const moment& m, std::size_t n) {
  const auto& p = m.node(n);
  if (is_behind(m, n)) add(deed::reads_members, n);
  if (must_read(m, n)) return;
  const auto& key = m.members().members[n];
  const bool is_member = key.phase != member_phase::absent && key.lives == p.lives;
  if (p.late) add(deed::notices_pause, n);
  if (!p.late && !p.leased && !is_member) add(deed::joins, n);
  const auto& view = m.members().in_view;
  const bool alone = std::all_of(view.begin(), view.end(), [](auto lives) { return lives == 0; });
  // To somebody: the last one's state goes with it.
  const auto others =
      std::count_if(view.begin(), view.end(), [](auto lives) { return lives != 0; });
  if (is_member && key.phase == member_phase::up && p.leased && others > 1 &&
      m.left(fault::leave) != 0) {
    add(deed::leaves, n);
  }
  bool news = p.look;
  for (shard_id s = 0; s < rules_.shards; ++s) news |= m.records()[s].modified > p.seen[s];
  if (news) add(deed::reads_records, n);
  if (is_member && key.phase == member_phase::leaving && !p.late && view[n] == 0 && !news &&
      !is_behind(m, n) && (alone || steps_.facts(p.own).holds == 0)) {
    add(deed::is_gone, n);
  }
  if (steps_.facts(p.own).armed) {
    if (is_quiet(m))
      add(deed::time_passes, n);
    else if (m.left(fault::slow) != 0)
      add(deed::time_flies, n);
  }
  for (shard_id s = 0; s < rules_.shards; ++s) {
    if (p.packing[s] == 0) continue;
    add(deed::packed, n, s);
    if (m.left(fault::stuck) != 0) add(deed::stuck, n, s);
  }
}

void ownership_model::of_store(const moment& m) {
  bool differs = false, somebody = false;
  for (std::size_t n = 0; n < m.nodes(); ++n) {
    const auto& key = m.members().members[n];
    const auto& p = m.node(n);
    differs |=
        m.members().in_view[n] != (key.phase == member_phase::up ? key.lives : std::uint32_t{0});
    somebody |= p.running && !p.late && key.phase != member_phase::absent && key.lives == p.lives;
    // Not before its clock says so: that is what leases rest on.
    const bool over = !p.running || p.late || key.lives != p.lives;
    if (key.phase != member_phase::absent && over) add(deed::lease_ends, n);
  }
  if (differs && somebody) add(deed::view_agreed);
  for (std::size_t c = 0; c < m.changes().size(); ++c) add(deed::late_change, 0, c);
}

void ownership_model::happens(moment& m, label l) const {
  const auto n = std::size_t{l.who};
  switch (static_cast<deed>(l.kind)) {
    case deed::start: return m.start(n);
    case deed::crash: return m.spend(fault::crash), m.crash(n);
    case deed::restart: return m.spend(fault::restart), m.start(n);
    case deed::pause: return m.spend(fault::pause), m.pause(n);
    case deed::notices_pause: return m.notices_pause(n);
    case deed::joins: return m.joins(n);
    case deed::leaves: return m.spend(fault::leave), m.asked_to_leave(n);
    case deed::is_gone: return m.is_gone(n);
    case deed::lease_ends: return m.lease_ends(n);
    case deed::view_agreed: return m.view_agreed();
    case deed::reads_members: return m.reads_members(n);
    case deed::reads_records: return m.reads_records(n);
    case deed::time_passes: return m.tell(n, {});
    case deed::time_flies: return m.spend(fault::slow), m.tell(n, {});
    case deed::packed: return m.packed(n, l.what, true);
    case deed::stuck: return m.spend(fault::stuck), m.packed(n, l.what, false);
    case deed::arrives: return m.arrives(l.what, false);
    case deed::doubled: return m.spend(fault::doubled), m.arrives(l.what, true);
    case deed::lost: return m.spend(fault::lost), m.loses(l.what);
    case deed::store_decides: return m.store_decides(n);
    case deed::answered: return m.answered(n);
    case deed::not_answered: return m.spend(fault::unknown), m.not_answered(n);
    case deed::late_change: return m.late_change(l.what);
  }
}

// Faults do not help, nor what nobody can count on.
bool ownership_model::is_progress(deed what) {
  switch (what) {
    case deed::start:
    case deed::crash:
    case deed::restart:
    case deed::pause:
    case deed::leaves:
    case deed::stuck:
    case deed::time_flies:
    case deed::doubled:
    case deed::lost:
    case deed::not_answered:
    case deed::late_change: return false;
    default: return true;
  }
}

// Nothing is under way that somebody could wait for.
bool ownership_model::is_quiet(const moment& m) const {
  for (std::size_t n = 0; n < m.nodes(); ++n) {
    const auto& packing = m.node(n).packing;
    if (std::any_of(packing.begin(), packing.end(), [](auto move) { return move != 0; }))
      return false;
  }
  return std::none_of(m.frames().begin(), m.frames().end(),
                      [&](auto number) { return m.node(parts_.each_frame[number].to).running; });
}

bool ownership_model::at_rest(const moment& m, std::size_t n) const {
  const auto& p = m.node(n);
  const auto& key = m.members().members[n];
  if (!p.running) return key.phase == member_phase::absent;
  return p.leased && !p.late && !p.look && p.asking == asked::nothing && p.staged.empty() &&
         key.phase == member_phase::up && key.lives == p.lives &&
         m.members().in_view[n] == p.lives && steps_.facts(p.own).unsettled == 0;
}

// Everybody has what the ring gives it, serves it, and knows it; or nobody is there.
bool ownership_model::settled(const state& s) {
  const moment m{parts_, steps_, rules_, s};
  bool anybody = false;
  view agreed;
  for (std::size_t n = 0; n < m.nodes(); ++n) {
    if (!at_rest(m, n)) return false;
    anybody |= m.node(n).running;
    if (m.members().in_view[n] == 0) continue;
    member one;
    one.name = rules_.names[n];
    agreed.members.push_back(one);
  }
  if (!anybody) return true;
  for (std::size_t n = 0; n < m.nodes(); ++n) {
    if (m.members().in_view[n] != 0 && !m.node(n).running) return false;
  }
  for (shard_id shard = 0; shard < rules_.shards; ++shard) {
    const auto target = steps_.target(agreed, shard);
    for (std::size_t n = 0; n < m.nodes(); ++n) {
      if (m.serves(n, shard) != (rules_.names[n] == target)) return false;
    }
  }
  return true;
}

std::string ownership_model::text(label l) const {
  static const char* const verbs[] = {"starts",
                                      "CRASHES",
                                      "RESTARTS",
                                      "PAUSES, until its lease is over",
                                      "notices that its lease is over",
                                      "joins",
                                      "LEAVES",
                                      "is gone",
                                      "lost its lease, says the store",
                                      "(the view is agreed on)",
                                      "reads the members",
                                      "reads the records",
                                      "ran out of patience",
                                      "ran out of patience TOO EARLY",
                                      "has packed its entities",
                                      "HAS AN ENTITY THAT DOES NOT COME TO REST",
                                      "hears",
                                      "hears, AND WILL AGAIN",
                                      "DOES NOT HEAR",
                                      "gets what it asked of the store, or not",
                                      "hears of that",
                                      "DOES NOT HEAR WHETHER IT GOT IT",
                                      "(what was asked of the store LONG AGO is done now)"};
  const auto what = static_cast<deed>(l.kind);
  auto said = rules_.names[l.who] + " " + verbs[l.kind];
  if (what != deed::arrives && what != deed::doubled && what != deed::lost) return said;
  static const char* const words[] = {"",       "prepare",   "ready", "not_ready",
                                      "loaded", "cancelled", "yours"};
  const auto& f = parts_.each_frame[l.what];
  if (f.shipped) return said + " cargo of move " + std::to_string(f.shipped->move);
  return said + " " + words[static_cast<std::size_t>(f.word.step)] + " of move " +
         std::to_string(f.word.move) + " in epoch " + std::to_string(f.word.epoch) + " from " +
         rules_.names[f.from];
}

std::string ownership_model::sizes() const {
  return std::to_string(steps_.size()) + " ownership values, " + std::to_string(steps_.steps()) +
         " steps of theirs; parts: " + std::to_string(parts_.nodes.size()) + " nodes, " +
         std::to_string(parts_.records.size()) + " records, " +
         std::to_string(parts_.members.size()) + " members, " +
         std::to_string(parts_.frames.size()) + " frame sets of " +
         std::to_string(parts_.each_frame.size());
}

}  // namespace troupe::model
