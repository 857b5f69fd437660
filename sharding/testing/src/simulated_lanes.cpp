#include "simulated_lanes.hpp"

#include "ownership/ownership_promotions.hpp"

namespace troupe::testing {

using sharding::promise;
using sharding::shard_id;

simulated_lanes::lane& simulated_lanes::of(shard_id shard) {
  const auto found = lanes_.find(shard);
  if (found != lanes_.end()) return found->second;
  if (sharding::is_promoted(shard)) return split(shard);
  sharding::lane_limits limits;
  limits.messages = world_->size.window;
  auto& made = lanes_.try_emplace(shard, limits, world_->obeyed).first->second;
  const auto record = links_.record_of(shard);
  (void)made.out.route({record.owner, record.epoch, record.born});
  return made;
}

simulated_lanes::lane& simulated_lanes::split(shard_id promoted) {
  const auto from = sharding::base_of(promoted);
  auto& base = of(from);
  routed(from, links_.record_of(from));
  sharding::lane_limits limits;
  auto& own = lanes_.try_emplace(promoted, limits, world_->obeyed).first->second;
  own.out = base.out.split(
      [&](std::string_view body) {
        return links_.shard_of(unpacked<command>(body).entity) == promoted;
      },
      {{}, sharding::first_epoch, sharding::first_epoch});
  if (!own.out.empty()) world_->seen.hit("lane split with messages");
  const auto record = links_.record_of(promoted);
  lose(own.out.route({record.owner, record.epoch, record.born}));
  pump(from, base);
  return own;
}

bool simulated_lanes::send(const command& what, promise kind, sharding::lane_time deadline) {
  const auto shard = links_.shard_of(what.entity);
  auto& l = of(shard);
  const auto seq = l.out.push(packed(what), kind, what.id, deadline);
  if (l.out.waiting() > world_->size.window) world_->violation("I6: a window grew past its limit");
  if (seq == 0) {
    world_->seen.hit("window full");
    return false;
  }
  const auto promised =
      kind == promise::tell ? message_ledger::kind::plain : message_ledger::kind::reliable;
  if (world_->is_counted(what)) world_->ledger.accepted({sender_, what.entity}, what.id, promised);
  pump(shard, l);
  return true;
}

void simulated_lanes::pump(shard_id shard, lane& l) {
  if (std::exchange(l.pumping, true)) return;
  while (const auto f = l.out.next(links_.now())) {
    const auto& to = l.out.where();
    const auto what = f->over ? command{} : unpacked<command>(f->body);
    if (!f->over) world_->ledger.sent({sender_, what.entity}, what.id);
    if (world_->log.keeps()) {
      world_->log.note(world_->time.now(), node_ + " sends " + std::to_string(f->seq) + " (base " +
                                               std::to_string(f->base) + ") to shard " +
                                               std::to_string(shard) + " at " + to.node +
                                               " in epoch " + std::to_string(to.epoch));
    }
    const lane_message message{shard,
                               to.epoch,
                               sender_,
                               f->seq,
                               f->base,
                               f->over,
                               f->kind == promise::reliable,
                               std::string{f->body}};
    if (to.node != node_) {
      world_->network.send(node_, to.node, frame_of(frame_kind::message, message));
      continue;
    }
    const auto reply = links_.deliver(message);
    if (!reply) continue;
    const bool unseen = reply->is == lane_reply_kind::parked || reply->is == lane_reply_kind::moved;
    if (unseen) {
      l.out.not_sent(message.seq, links_.now());
    } else {
      apply(l, *reply);
    }
  }
  l.pumping = false;
}

void simulated_lanes::apply(lane& l, const lane_reply& reply) {
  if (world_->log.keeps()) {
    world_->log.note(world_->time.now(), node_ + " hears of shard " + std::to_string(reply.shard) +
                                             " in epoch " + std::to_string(reply.epoch) + ": " +
                                             std::to_string(static_cast<int>(reply.is)) + " for " +
                                             std::to_string(reply.seq));
  }
  switch (reply.is) {
    case lane_reply_kind::taken: return l.out.acknowledged(reply.seq, reply.epoch, links_.now());
    case lane_reply_kind::expected: return l.out.expects(reply.seq, reply.epoch, links_.now());
    case lane_reply_kind::applied: return l.out.applied(reply.seq, reply.epoch);
    case lane_reply_kind::parked:
    case lane_reply_kind::moved: return l.out.parked(links_.now());
  }
}

void simulated_lanes::answered(const lane_reply& reply) {
  const bool moved = reply.is == lane_reply_kind::moved;
  if (reply.sender != sender_ && !moved) return;
  const auto found = lanes_.find(reply.shard);
  if (found == lanes_.end()) return;
  auto& l = found->second;
  if (moved && reply.record.epoch > l.out.where().epoch) return routed(reply.shard, reply.record);
  apply(l, reply);
  pump(reply.shard, l);
}

void simulated_lanes::routed(shard_id shard, const sharding::shard_record& record) {
  const auto base = lanes_.find(sharding::base_of(shard));
  if (sharding::is_promoted(shard) && base != lanes_.end() && !base->second.out.empty())
    (void)of(shard);
  const auto found = lanes_.find(shard);
  if (found == lanes_.end()) return;
  auto& l = found->second;
  const auto& where = l.out.where();
  const bool older = record.epoch < where.epoch + (where.node.empty() ? 0 : 1);
  if (older && world_->obeyed.epochs_rise) return;
  lose(l.out.route({record.owner, record.epoch, record.born}));
  pump(shard, l);
}

void simulated_lanes::lose(const std::vector<sharding::lane_loss>& lost) {
  for (const auto& one : lost) {
    world_->seen.hit(one.sent ? "message given up after a crash" : "message expired unsent");
    const auto what = unpacked<command>(one.body);
    if (one.sent) {
      world_->ledger.reported({sender_, what.entity}, what.id);
    } else {
      world_->ledger.expired({sender_, what.entity}, what.id);
    }
    const auto asked = world_->commands.find(one.request);
    if (asked != world_->commands.end() && !one.sent) asked->second.refused = true;
  }
}

void simulated_lanes::connected(const std::string& peer) {
  for (auto& [shard, l] : lanes_) {
    if (l.out.where().node != peer) continue;
    l.out.connected();
    pump(shard, l);
  }
}

void simulated_lanes::opened(shard_id shard) {
  const auto found = lanes_.find(shard);
  if (found == lanes_.end()) return;
  found->second.out.connected();
  pump(shard, found->second);
}

void simulated_lanes::tick() {
  for (auto& [shard, l] : lanes_) {
    if (l.out.empty()) continue;
    l.out.time_passed(links_.now());
    lose(l.out.expire(links_.now()));
    pump(shard, l);
  }
}

std::size_t simulated_lanes::waiting() const {
  std::size_t sum = 0;
  for (const auto& [shard, l] : lanes_) sum += l.out.waiting();
  return sum;
}

std::string simulated_lanes::text() const {
  std::string text;
  for (const auto& [shard, l] : lanes_) {
    if (l.out.empty()) continue;
    text += " #" + std::to_string(shard) + "→" + l.out.where().node + " in epoch " +
            std::to_string(l.out.where().epoch) + ": " + std::to_string(l.out.waiting());
  }
  return text;
}

}  // namespace troupe::testing
