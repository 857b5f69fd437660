#include "simulated_gates.hpp"

#include "ownership/ownership_promotions.hpp"

#include <algorithm>
#include <utility>

namespace troupe::testing {

using namespace std::chrono_literals;
using sharding::lane_verdict;
using sharding::shard_id;

namespace {
lane_reply reply_of(lane_reply_kind is, const lane_message& m, std::uint64_t seq = 0) {
  return {is, m.shard, m.epoch, m.sender, seq, {}};
}
}  // namespace

simulated_gates::shard& simulated_gates::of(shard_id id) {
  return shards_.try_emplace(id, world_->obeyed).first->second;
}

bool simulated_gates::is_open(shard_id id) const {
  const auto found = shards_.find(id);
  return found != shards_.end() && found->second.epoch != 0;
}

// Messages.

std::optional<lane_reply> simulated_gates::take(const std::string& from, const lane_message& m) {
  auto& s = of(m.shard);
  const bool same = s.epoch == m.epoch || !world_->obeyed.frames_name_epoch;
  if (s.epoch == 0 || !same || !links_.admits()) return turn_away(from, m, s);
  if (!links_.serves(m.shard, s.epoch)) return turn_away(from, m, s);
  if (!links_.is_member(m.sender)) {
    links_.look();
    return reply_of(lane_reply_kind::parked, m);
  }
  const bool is_new = !m.over && m.seq > s.taken.last(m.sender) && world_->obeyed.base_refuses;
  if (is_new && links_.shard_of(unpacked<command>(m.body).entity) != m.shard) {
    world_->seen.hit("message for who was promoted");
    return reply_of(lane_reply_kind::parked, m);
  }
  const auto verdict = s.taken.take(m.sender, m.seq, m.base);
  if (verdict == lane_verdict::gap) {
    world_->seen.hit("gap refused");
    return reply_of(lane_reply_kind::expected, m, s.taken.last(m.sender) + 1);
  }
  if (verdict == lane_verdict::duplicate) world_->seen.hit("duplicate refused");
  if (world_->size.journal) return journaled(from, m, s, verdict);
  if (verdict == lane_verdict::take && !m.over) {
    s.waiting.push_back({from, m.sender, m.seq, m.reliable, m.body});
    plan_turn(m.shard, s);
  }
  if (verdict == lane_verdict::duplicate && m.reliable && !m.over) say_again(from, m, s);
  return reply_of(lane_reply_kind::taken, m, s.taken.last(m.sender));
}

// Its sender does not know that it was handled, if it was.
void simulated_gates::say_again(const std::string& from, const lane_message& m, const shard& s) {
  const auto waits = std::any_of(s.waiting.begin(), s.waiting.end(), [&m](const auto& w) {
    return w.sender == m.sender && w.seq == m.seq;
  });
  if (waits) return;
  world_->seen.hit("applied said again");
  links_.reply(from, reply_of(lane_reply_kind::applied, m, m.seq));
}

lane_reply simulated_gates::turn_away(const std::string& from, const lane_message& m, shard& s) {
  auto record = links_.record_of(m.shard);
  if (record.epoch > m.epoch) {
    world_->seen.hit("moved said");
    auto reply = reply_of(lane_reply_kind::moved, m);
    reply.epoch = record.epoch;
    reply.record = std::move(record);
    return reply;
  }
  if (record.epoch < m.epoch) links_.look();
  world_->seen.hit("message parked");
  s.turned_away.insert(from);
  return reply_of(lane_reply_kind::parked, m);
}

void simulated_gates::tell_moved(shard_id id, const sharding::shard_record& record) {
  for (const auto& node : std::exchange(of(id).turned_away, {})) {
    links_.reply(node, {lane_reply_kind::moved, id, record.epoch, 0, 0, record});
  }
}

// Without a journal: a mailbox, of which one message is handled at a time.

void simulated_gates::plan_turn(shard_id id, shard& s) {
  if (s.waiting.empty() || std::exchange(s.turn_planned, true)) return;
  process_->plan(world_->time.now() + world_->random.exponential(2ms), [this, id, &s, n = s.turns] {
    if (n != s.turns) return;
    s.turn_planned = false;
    turn(id, s);
  });
}

void simulated_gates::turn(shard_id id, shard& s) {
  const auto epoch = s.epoch;
  if (s.waiting.empty() || !links_.serves(id, epoch)) return;
  const auto m = std::move(s.waiting.front());
  s.waiting.pop_front();
  const auto what = unpacked<command>(m.body);
  auto answer = handle(id, s, what);
  world_->ledger.applied({m.sender, what.entity}, what.id, s.life);
  world_->happened.emplace(s.life, what.id);
  answer_client(what, std::move(answer));
  if (m.reliable) links_.reply(m.from, {lane_reply_kind::applied, id, epoch, m.sender, m.seq, {}});
  plan_turn(id, s);
}

command_answer simulated_gates::handle(shard_id id, shard& s, const command& what) {
  world_->log.add(world_->time.now(), "handle", id, s.epoch, what.id);
  const auto owners = world_->owners(id);
  if (owners.size() > 1 && world_->leases_sound) {
    world_->violation("I8: " + owners[0] + " and " + owners[1] + " both serve shard " +
                      std::to_string(id));
  }
  auto& entity = s.entities[what.entity];
  entity.id = what.entity;
  auto answer = apply(entity, what);
  answer.life = world_->size.journal ? 0 : s.life;
  return answer;
}

void simulated_gates::answer_client(const command& what, command_answer answer) {
  if (!what.asked) return;
  world_->network.send(node_, what.from, frame_of(frame_kind::answer, answer));
}

// Coming and going.

void simulated_gates::pack(const sharding::pack_cells& a) {
  auto& s = of(a.shard);
  s.packing = a.move;
  if (world_->obeyed.freeze) {
    s.epoch = 0;
    ++s.turns;
    s.turn_planned = false;
  }
  if (world_->random.chance(percent(3))) {
    world_->seen.hit("stuck handler");
    return process_->plan(world_->time.now() + 100ms, [this, a] {
      links_.happened(sharding::cells_packed{a.shard, a.move, false, "a handler does not return"});
    });
  }
  process_->plan(world_->time.now() + world_->random.exponential(1ms), [this, a, &s] {
    if (s.packing == a.move && s.gate.idle()) report_packed(a.shard, s);
  });
}

void simulated_gates::report_packed(shard_id id, shard& s) {
  const auto move = std::exchange(s.packing, 0);
  links_.happened(sharding::cells_packed{id, move, true, {}});
}

void simulated_gates::ship(const sharding::ship_cells& a) {
  auto& s = of(a.shard);
  shard_cargo cargo{a.shard,        a.move, s.life,
                    s.taken.pack(), {},     {s.waiting.begin(), s.waiting.end()}};
  for (const auto& [id, entity] : s.entities) cargo.entities.push_back(entity);
  world_->network.send(node_, a.to, frame_of(frame_kind::cargo, cargo));
}

void simulated_gates::staged(const std::string&, shard_cargo cargo) {
  const sharding::cargo_staged event{cargo.shard, cargo.move};
  // It may be committed to: it gives way to no other, until it is dropped.
  const auto found = cargo_.find(cargo.shard);
  if (found != cargo_.end() && found->second.move != cargo.move) return;
  cargo_[cargo.shard] = std::move(cargo);
  links_.happened(event);
}

void simulated_gates::unpack(const sharding::unpack_cells& a) {
  auto& s = of(a.shard);
  world_->seen.hit("went on after a move that failed");
  s.packing = 0;
  open(a.shard, s, a.epoch, a.own);
}

void simulated_gates::open(shard_id id, shard& s, std::uint64_t epoch) {
  s.epoch = epoch;
  plan_turn(id, s);
  links_.opened(id);
}

void simulated_gates::forget(shard& s) {
  s.epoch = 0;
  s.packing = 0;
  ++s.turns;
  s.turn_planned = false;
  s.entities.clear();
  s.waiting.clear();
  s.taken = sharding::lane_in{world_->obeyed};
}

void simulated_gates::drop(const sharding::drop_cells& a) {
  world_->seen.hit(a.moved ? "shard moved away" : "shard let go");
  auto& s = of(a.shard);
  forget(s);
  ++s.replays;
}

void simulated_gates::drop_cargo(const sharding::drop_cargo& a) {
  const auto found = cargo_.find(a.shard);
  if (found == cargo_.end() || found->second.move != a.move) return;
  world_->seen.hit("cargo dropped");
  cargo_.erase(found);
}

void simulated_gates::serve(const sharding::serve_shard& a) {
  auto& s = of(a.shard);
  if (world_->log.keeps()) {
    world_->log.note(world_->time.now(), node_ + " serves shard " + std::to_string(a.shard) +
                                             " in epoch " + std::to_string(a.epoch) +
                                             " with the cargo of " + std::to_string(a.move));
  }
  if (!world_->size.journal) {
    forget(s);
    // Of a shard that was promoted, another one than any that its entity had before.
    s.life = links_.record_of(a.shard).born + (sharding::is_promoted(a.shard) ? 1U << 20U : 0U);
    const auto found = cargo_.find(a.shard);
    if (a.move != 0 && found != cargo_.end() && found->second.move == a.move) {
      world_->seen.hit("shard arrived with its entities");
      auto& c = found->second;
      if (sharding::is_promoted(a.shard)) s.life = c.life;
      if (world_->obeyed.lanes_travel) s.taken.unpack(c.taken);
      for (const auto& e : c.entities) s.entities[e.id] = e;
      s.waiting.assign(c.waiting.begin(), c.waiting.end());
      if (!s.waiting.empty()) world_->seen.hit("mailbox travelled");
      cargo_.erase(found);
    }
  } else if (const auto found = cargo_.find(a.shard); found != cargo_.end()) {
    if (found->second.move == a.move) cargo_.erase(found);
  }
  open(a.shard, s, a.epoch, a.own);
}

void simulated_gates::set_apart(const sharding::set_apart& a) {
  auto& s = of(a.shard);
  s.epoch = 0;
  open(a.shard, s, a.epoch, a.own);
}

void simulated_gates::open(shard_id id, shard& s, std::uint64_t epoch, const sharding::apart& own) {
  for (const auto each : own) divide(id, s, each);
  open(id, s, epoch);
  for (const auto each : own) open(each, of(each), sharding::first_epoch);
}

void simulated_gates::divide(shard_id id, shard& base, shard_id own_id) {
  world_->seen.hit("entity set apart");
  auto& own = of(own_id);
  forget(own);
  own.life = base.life;
  if (world_->obeyed.lanes_divide) own.taken.unpack(base.taken.pack());
  const auto& names = links_.record_of(id).promoted;
  const auto entity = entity_of(names.at(sharding::place_of(own_id)));
  if (const auto found = base.entities.find(entity); found != base.entities.end()) {
    own.entities.insert(*found);
    base.entities.erase(found);
  }
  const auto its = std::stable_partition(
      base.waiting.begin(), base.waiting.end(),
      [&](const auto& m) { return unpacked<command>(m.body).entity != entity; });
  if (its != base.waiting.end()) world_->seen.hit("mailbox set apart");
  own.waiting.assign(its, base.waiting.end());
  base.waiting.erase(its, base.waiting.end());
}

}  // namespace troupe::testing
