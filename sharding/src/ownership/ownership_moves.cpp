#include "ownership/ownership_moves.hpp"

#include "ownership/ownership.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

shard_record moved_record(const shard_place& p, std::uint64_t view) {
  auto next = p.record.is;
  next.epoch = p.epoch + 1;
  next.owner = p.other;
  next.incarnation = p.other_incarnation;
  next.view = view;
  next.move = p.move;
  return next;
}

handoff_word ownership::word(handoff_step step, shard_id shard, const place& p) const {
  handoff_word w;
  w.step = step;
  w.shard = shard;
  w.move = p.move;
  w.epoch = p.epoch;
  w.incarnation = incarnation_;
  return w;
}

void ownership::on(lease_time, const heat_known& known, actions&) {
  for (const auto& [shard, messages] : known.messages) {
    if (places_.find(shard)) places_.heat(shard, messages);
  }
}

void ownership::start_moves(lease_time now, actions& out) {
  auto under_way = places_.leaving().size();
  for (const auto& [coldness, shard] : places_.to_move()) {
    if (under_way >= config_.moves_at_once) return;
    const auto target = target_of(shard);
    const auto& known = *places_.find(shard);
    const bool may = known.due == lease_time{} && known.record.modified != 0;
    if (!may || !wants(shard, known) || !members_.contains(target)) continue;
    auto& p = places_.change(shard);
    p.as = holding::preparing;
    p.move = incarnation_ + ++last_move_;
    p.other = target;
    p.other_incarnation = members_[target].incarnation;
    p.until = now + config_.answer_patience;
    ask_target(now, shard, p, out);
    ++under_way;
  }
}

void ownership::ask_target(lease_time now, shard_id shard, place& p, actions& out) {
  p.due = std::min(now + config_.say_again, p.until);
  auto prepare = word(handoff_step::prepare, shard, p);
  if (is_promoted(shard)) prepare.record = record_of(base_of(shard));
  out.emplace_back(say_to{p.other, std::move(prepare)});
}

void ownership::on(lease_time now, const word_heard& heard, actions& out) {
  const auto& said = heard.word;
  if (said.step == handoff_step::prepare) return prepared(now, heard.from, said, out);
  if (!is_known(said.shard)) return;
  if (said.step == handoff_step::yours) return learn(now, said.shard, {said.record, 0}, out);
  if (!places_.find(said.shard)) return;
  auto& p = places_.change(said.shard);
  if (said.step == handoff_step::loaded) return loaded(now, heard.from, said, out);
  if (p.move != said.move || p.other != heard.from) return;  // of a move that is over
  switch (said.step) {
    case handoff_step::ready: return ready(now, said, p, out);
    case handoff_step::not_ready:
      if (is_leaving(p.as)) abort_move(now, said.shard, p, said.why, false, out);
      return;
    case handoff_step::cancelled:
      if (p.as == holding::warm) let_go(said.shard, p, false, out);
      return;
    default: return;
  }
}

// The target's side.

void ownership::prepared(lease_time now, const std::string& from, const handoff_word& said,
                         actions& out) {
  if (!is_known(said.shard)) hear_of_base(now, said, out);
  place* p = is_known(said.shard) ? &places_.change(said.shard) : nullptr;
  // To what is loaded the owner may commit at any time, until it has said that it does not.
  const bool awaited = p && p->loaded && p->move != said.move && said.epoch <= p->epoch;
  const bool free = p && p->txn == 0 && (p->as == holding::absent || p->as == holding::warm) &&
                    !awaited && said.epoch >= p->record.is.epoch;
  if (!free || !leased(now) || leaves_) {
    if (awaited) out.emplace_back(say_to{p->other, word(handoff_step::loaded, said.shard, *p)});
    handoff_word no{handoff_step::not_ready, said.shard, said.move};
    no.why = leaves_ ? "it leaves"
             : !p    ? "it has no such shard"
             : free  ? "it does not serve now"
                     : "it knows better";
    return out.emplace_back(say_to{from, std::move(no)}), void();
  }
  if (p->as == holding::warm && p->move != said.move)
    out.emplace_back(drop_cargo{said.shard, p->move});
  if (p->move != said.move) p->loaded = false;
  p->as = holding::warm;
  p->epoch = said.epoch;
  p->move = said.move;
  p->other = from;
  p->other_incarnation = said.incarnation;
  if (!p->loaded) p->due = now + config_.answer_patience;
  out.emplace_back(say_to{from, word(handoff_step::ready, said.shard, *p)});
}

// From now on it waits for the outcome, however long that takes: the owner may commit at any time.
void ownership::on(lease_time now, const cargo_staged& staged, actions& out) {
  auto& p = places_.change(staged.shard);
  if (p.as == holding::warm && !p.loaded && leaves_) let_go(staged.shard, p, false, out);
  if (p.as != holding::warm || p.move != staged.move) {
    const bool awaited = p.loaded && p.move == staged.move;  // it is ours already
    if (!awaited) out.emplace_back(drop_cargo{staged.shard, staged.move});
    return;
  }
  p.loaded = true;
  p.due = now + config_.say_again;
  out.emplace_back(say_to{p.other, word(handoff_step::loaded, staged.shard, p)});
}

// The source's side.

void ownership::ready(lease_time now, const handoff_word& said, place& p, actions& out) {
  if (p.as != holding::preparing || said.incarnation != p.other_incarnation) return;
  p.as = holding::freezing;
  p.at_rest = true;
  p.due = now + config_.freeze_patience;
  out.emplace_back(pack_cells{said.shard, p.move, p.other, p.due});
}

void ownership::on(lease_time now, const cells_packed& packed, actions& out) {
  auto& p = places_.change(packed.shard);
  if (p.as != holding::freezing || p.move != packed.move) return;
  if (!packed.done) return abort_move(now, packed.shard, p, packed.why, true, out);
  p.as = holding::shipping;
  out.emplace_back(ship_cells{packed.shard, p.move, p.other});
}

/// Of a move that is over, the target is told how it went. Who has let the shard go does not know:
/// its last change may yet be made, and then what the target holds is all there is.
void ownership::loaded(lease_time now, const std::string& from, const handoff_word& said,
                       actions& out) {
  auto& p = places_.change(said.shard);
  if (p.move == said.move && p.other == from) {
    if (p.as == holding::shipping) commit_move(now, said.shard, p, out);
    return;
  }
  handoff_word over{handoff_step::cancelled, said.shard, said.move};
  if (p.record.is.move == said.move) {
    over.step = handoff_step::yours;
    over.record = p.record.is;
  } else if (!ours(p.record.is) || p.as <= holding::warm) {
    return;  // the record will tell
  }
  out.emplace_back(say_to{from, std::move(over)});
}

void ownership::commit_move(lease_time now, shard_id shard, place& p, actions& out) {
  if (!alive(p.other, p.other_incarnation) && config_.obeyed.target_must_live) {
    return abort_move(now, shard, p, "the target is gone", true, out);
  }
  p.as = holding::committing;
  p.due = {};
  std::vector<store_condition> conditions;
  if (config_.obeyed.target_must_live) conditions.push_back(member_condition(p.other));
  commit({{shard, moved_record(p, view_.epoch)}}, std::move(conditions), out);
}

void ownership::move_answered(lease_time now, shard_id shard, place& p, const shard_record& record,
                              txn_outcome how, actions& out) {
  if (how == txn_outcome::unknown) return;  // what the store holds is read; see outcome_seen
  if (how == txn_outcome::refused) {
    return abort_move(now, shard, p, "the store refused it: the target or the record changed", true,
                      out);
  }
  auto yours = word(handoff_step::yours, shard, p);
  yours.record = record;
  out.emplace_back(say_to{p.other, yours});
  written(shard, p, yours.record, out);
  let_go(shard, p, true, out);
}

/// The store was read after a commit of unknown outcome. When it shows our epoch, the commit may
/// still come: it is overtaken by a new epoch, never just forgotten.
void ownership::outcome_seen(lease_time now, shard_id shard, place& p, actions& out) {
  const bool unknown = (p.as == holding::committing || p.as == holding::reclaiming) && p.txn == 0;
  if (!unknown || p.record.modified == 0) return;
  if (config_.obeyed.reclaim_after_unknown) return reclaim(shard, p, out);
  abort_move(now, shard, p, "its outcome is not known", true, out);
}

void ownership::reclaim(shard_id shard, place& p, actions& out) {
  auto next = p.record.is;
  next.epoch = p.record.is.epoch + 1;
  next.view = view_.epoch;
  next.move = 0;
  p.as = holding::reclaiming;
  commit({{shard, next}}, {}, out);
}

void ownership::reclaim_answered(shard_id shard, place& p, const shard_record& record,
                                 txn_outcome how, actions& out) {
  if (how != txn_outcome::done) return;  // the records are read; learn or outcome_seen goes on
  auto cancelled = word(handoff_step::cancelled, shard, p);
  out.emplace_back(say_to{p.other, std::move(cancelled)});
  written(shard, p, record, out);
  begin(shard, p, record.epoch, out);
}

void ownership::abort_move(lease_time now, shard_id shard, place& p, std::string why, bool tell,
                           actions& out) {
  if (tell) out.emplace_back(say_to{p.other, word(handoff_step::cancelled, shard, p)});
  p.as = holding::active;
  const bool froze = std::exchange(p.at_rest, false);
  if (froze) out.emplace_back(unpack_cells{shard, p.epoch, newly_apart(shard)});
  out.emplace_back(move_failed{shard, p.other, std::move(why)});
  p.move = 0;
  p.due = now + (froze ? config_.move_pause : config_.ask_pause);
}

void ownership::lose_node(lease_time now, shard_id shard, place& p, actions& out) {
  if (p.move == 0 || alive(p.other, p.other_incarnation)) return;
  if (is_leaving(p.as)) {
    abort_move(now, shard, p, "the target is gone", false, out);
  } else if (p.as == holding::warm && !p.loaded) {
    let_go(shard, p, false, out);
  }
}

void ownership::patience_ended(lease_time now, shard_id shard, place& p, actions& out) {
  if (p.as == holding::preparing && now < p.until) {
    ask_target(now, shard, p, out);
  } else if (is_leaving(p.as)) {
    abort_move(now, shard, p, "it took too long", true, out);
  } else if (p.as == holding::warm && p.loaded) {
    p.due = now + config_.say_again;
    out.emplace_back(say_to{p.other, word(handoff_step::loaded, shard, p)});
  } else if (p.as == holding::warm) {
    let_go(shard, p, false, out);
  }
}

}  // namespace troupe::sharding
