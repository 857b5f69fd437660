#include "nemesis.hpp"

#include "ownership/ownership_promotions.hpp"

#include <utility>

namespace troupe::testing {

using namespace std::chrono_literals;

void nemesis::each(sim_time mean, std::function<void()> fault) {
  if (mean == sim_time{}) return;
  world_->time.after(random_.exponential(mean), [this, mean, fault = std::move(fault)] {
    if (stopped_) return;
    fault();
    each(mean, fault);
  });
}

void nemesis::start() {
  const auto& plan = world_->faults;
  each(plan.cut_every, [this] { cut(); });
  each(plan.clog_every, [this] {
    world_->network.clog(any().name(), any().name(),
                         world_->time.now() + random_.between(100ms, 3s));
  });
  each(plan.reset_every, [this] { world_->network.reset(any().name(), any().name()); });
  each(plan.crash_every, [this] { crash(); });
  each(plan.leave_every, [this] { leave(); });
  each(plan.promote_every, [this] { promote(); });
  each(plan.pause_every, [this] { pause(); });
  each(plan.jump_every, [this] {
    counts_.hit("clock jumps");
    any().process().clock().jump(world_->time.now(), random_.between(10ms, 8s));
  });
  each(plan.store_away_every, [this] { world_->store.away(random_.between(200ms, 8s)); });
  each(plan.leader_every, [this] { world_->store.change_leader(); });
  restart_those_that_left();
}

// One way, both ways, or everything to and from a node.
void nemesis::cut() {
  const auto& a = any().name();
  const auto& b = any().name();
  const auto until = world_->time.now() + random_.between(100ms, 8s);
  const auto how = random_.below(3);
  if (how < 2) {
    world_->network.cut(a, b, until);
    if (how == 1) world_->network.cut(b, a, until);
    return;
  }
  for (const auto& n : *nodes_) {
    world_->network.cut(a, n->name(), until);
    world_->network.cut(n->name(), a, until);
  }
}

void nemesis::crash() {
  auto& node = any();
  if (!node.process().running()) return;
  counts_.hit("crashes");
  world_->log.add(world_->time.now(), "crash");
  world_->log.note(world_->time.now(), node.name() + " crashes");
  node.crash();
  world_->time.after(random_.between(50ms, 8s), [this, &node] {
    if (stopped_ || node.process().running()) return;
    world_->log.note(world_->time.now(), node.name() + " starts again");
    node.start();
  });
}

void nemesis::leave() {
  auto& node = any();
  if (!node.process().running() || node.process().paused() || !node.is_up()) return;
  counts_.hit("leaves");
  world_->log.note(world_->time.now(), node.name() + " leaves");
  node.leave();
}

// To any node, running or not; one that was promoted also back, and to another one.
void nemesis::promote() {
  const auto entity = static_cast<std::uint32_t>(random_.below(world_->size.entities));
  const auto to = random_.chance(percent(25)) ? std::string{} : any().name();
  auto& by = any();
  const auto records = world_->store.contents().read(world_->time.now(), "c/shards/").keys;
  const auto known = [&](sharding::shard_id shard) -> sharding::known_record {
    const auto found = records.find(sharding::shard_key("c/", shard));
    if (found == records.end()) return {};
    return {*sharding::from_value(found->second.value), found->second.modified};
  };
  const auto base = world_->shard_of(entity);
  const auto from = known(base);
  const auto name = name_of(entity);
  const auto own = sharding::promoted_shard(base, from.is, name.type, name.id);
  if (from.is.epoch == 0 || (!own && to.empty()) || !by.process().running()) return;
  counts_.hit("promotions");
  world_->log.note(world_->time.now(), name.id + " is promoted to " + to);
  auto change = own ? sharding::pinning("c/", *own, known(*own), to)
                    : sharding::promotion("c/", base, from, name, to);
  world_->store.commit(by.process(), std::move(change), [](const result<bool>&) {});
}

void nemesis::pause() {
  auto& node = any();
  if (!node.process().running()) return;
  counts_.hit("pauses");
  const auto length = random_.between(10ms, world_->faults.longest_pause);
  if (length > world_->size.lease) counts_.hit("pauses longer than a lease");
  world_->log.note(world_->time.now(), node.name() + " pauses");
  node.process().pause(length);
}

void nemesis::restart_those_that_left() {
  world_->time.after(200ms, [this] {
    for (const auto& n : *nodes_) {
      if (!n->process().running() || !n->is_gone()) continue;
      counts_.hit("left and came back");
      world_->log.note(world_->time.now(), n->name() + " has left, and starts again");
      n->crash();
      n->start();
    }
    restart_those_that_left();
  });
}

void nemesis::stop() {
  stopped_ = true;
  world_->network.heal();
  for (const auto& n : *nodes_) {
    for (const auto& to : *nodes_) world_->network.reset(n->name(), to->name());
    if (n->process().running()) continue;
    n->start();
  }
}

}  // namespace troupe::testing
