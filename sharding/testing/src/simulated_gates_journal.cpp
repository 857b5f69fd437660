#include "simulated_gates.hpp"

#include <utility>

namespace troupe::testing {

using sharding::lane_verdict;
using sharding::shard_id;

std::optional<lane_reply> simulated_gates::journaled(const std::string& from, const lane_message& m,
                                                     shard& s, lane_verdict verdict) {
  const auto id = ++last_output_;
  auto& out = outputs_[id];
  out.shard = m.shard;
  out.from = from;
  out.reply = {lane_reply_kind::taken, m.shard, m.epoch, m.sender, s.taken.last(m.sender), {}};
  std::string event;
  out.reliable = m.reliable && !m.over && verdict != lane_verdict::gap;
  out.applied = m.seq;
  if (verdict == lane_verdict::take && !m.over) {
    const auto what = unpacked<command>(m.body);
    out.answer = handle(m.shard, s, what);
    if (what.asked) out.asked_by = what.from;
    out.durable = world_->is_counted(what);
    out.reply.seq = m.seq;
    if (out.durable) event = packed(journaled_command{m.sender, m.seq, m.body});
  }
  carry_out(m.shard, s, s.gate.add(std::move(event), id));
  return std::nullopt;
}

void simulated_gates::carry_out(shard_id id, shard& s, sharding::gate_result<std::string> result) {
  for (const auto one : result.released) release(one);
  if (result.append) append(id, std::move(*result.append));
  if (s.packing != 0 && s.gate.idle()) report_packed(id, s);
}

void simulated_gates::append(shard_id id, sharding::gate_append<std::string> what) {
  const auto request = what.request;
  const auto epoch = what.epoch;
  world_->journal.append(*process_, node_, id, epoch, what.expected, std::move(what.events),
                         [this, id, request, epoch](simulated_journal::outcome how) {
                           auto& s = of(id);
                           if (how == simulated_journal::outcome::taken) {
                             return carry_out(id, s, s.gate.taken(request));
                           }
                           if (!s.gate.failed(request))
                             return world_->seen.hit("late answer of the journal");
                           const bool fenced = how == simulated_journal::outcome::fenced;
                           world_->seen.hit(fenced ? "append fenced"
                                            : how == simulated_journal::outcome::unknown
                                                ? "append unknown"
                                                : "append in conflict");
                           links_.happened(sharding::journal_lost{id, epoch, fenced});
                         });
}

void simulated_gates::release(std::uint64_t id) {
  auto node = outputs_.extract(id);
  if (node.empty()) return;
  auto& out = node.mapped();
  if (!links_.holds(out.shard, out.reply.epoch) && world_->obeyed.lease_at_use) {
    return world_->seen.hit("output withheld at the lease's end");
  }
  if (out.durable && !world_->is_durable(out.shard, out.reply.sender, out.reply.seq)) {
    world_->violation("I3, I7: message " + std::to_string(out.reply.seq) + " to shard " +
                      std::to_string(out.shard) + " was answered and is not durable");
  }
  links_.reply(out.from, out.reply);
  if (out.reliable) {
    auto done = out.reply;
    done.is = lane_reply_kind::applied;
    done.seq = out.applied;
    links_.reply(out.from, done);
  }
  if (out.answer && !out.asked_by.empty()) {
    world_->network.send(node_, out.asked_by, frame_of(frame_kind::answer, *out.answer));
  }
}

void simulated_gates::fence(const sharding::fence_journal& a) {
  if (!world_->size.journal) {
    return links_.happened(sharding::journal_fenced{a.shard, a.epoch, 0});
  }
  world_->journal.fence(
      *process_, a.shard, a.epoch, [this, a](simulated_journal::outcome how, std::uint64_t by) {
        if (how == simulated_journal::outcome::unknown) return fence(a);
        if (by > a.epoch) world_->seen.hit("fence refused");
        links_.happened(
            sharding::journal_fenced{a.shard, a.epoch, by > a.epoch ? by : std::uint64_t{0}});
      });
}

void simulated_gates::replay(const sharding::replay_journal& a) {
  if (!world_->size.journal) {
    return links_.happened(sharding::journal_replayed{a.shard, a.epoch});
  }
  const auto number = ++of(a.shard).replays;
  world_->journal.replay(
      *process_, a.shard,
      [this, a, number](simulated_journal::outcome how, const std::vector<journal_event>& events) {
        if (number != of(a.shard).replays) return;
        if (how != simulated_journal::outcome::taken) return replay(a);
        ++of(a.shard).replays;
        load(a.shard, a.epoch, events);
        links_.happened(sharding::journal_replayed{a.shard, a.epoch});
      });
}

void simulated_gates::load(shard_id id, std::uint64_t epoch,
                           const std::vector<journal_event>& events) {
  auto& s = of(id);
  forget(s);
  for (const auto& e : events) {
    const auto c = unpacked<journaled_command>(e.event);
    const auto what = unpacked<command>(c.body);
    auto& entity = s.entities[what.entity];
    entity.id = what.entity;
    (void)apply(entity, what);
    if (world_->obeyed.lanes_in_journal) s.taken.unpack({{c.sender, c.seq}});
  }
  s.gate.begin(epoch, events.size());
}

}  // namespace troupe::testing
