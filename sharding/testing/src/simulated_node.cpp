#include "simulated_node.hpp"

#include "ownership/ownership_promotions.hpp"

#include <algorithm>
#include <utility>

namespace troupe::testing {

using namespace std::chrono_literals;
using namespace sharding;

namespace {

constexpr sim_time tick_length = 25ms;

sharding_options options_of(const cluster_size& size) {
  sharding_options options;
  options.shards = size.shards;
  options.vnodes = 10;
  return options;
}

template <class Actions, class Perform>
std::vector<std::function<void()>> each(Actions&& actions, Perform perform) {
  std::vector<std::function<void()>> all;
  for (auto& action : actions) {
    all.emplace_back([action = std::move(action), perform] { std::visit(perform, action); });
  }
  return all;
}

/// Somebody could take what `self` owns, and `self` is a member still.
bool can_hand_over(const publish& told, const std::string& self) {
  const auto is_it = [&](const auto& r) { return r.self.name == self; };
  return std::ranges::any_of(told.records, is_it) &&
         std::ranges::any_of(told.records, [&](const auto& r) {
           return !is_it(r) && r.state != member_state::leaving;
         });
}

}  // namespace

simulated_node::simulated_node(cluster_world& world, std::string name, simulated_clock clock)
    : world_(&world), name_(std::move(name)), process_(world.time, clock) {
  make_life();
  world_->network.attach(
      name_, process_,
      [this](const std::string& from, const std::string& frame) { received(from, frame); },
      [this](const std::string& peer) { l_->lanes->connected(peer); });
}

void simulated_node::make_life() {
  membership_config m;
  m.prefix = "c/group/";
  m.self.name = name_;
  m.self.incarnation = world_->random.next() | 1;
  m.self.process = m.self.incarnation;
  m.self.address = {name_, 1};
  m.settings = "s";
  m.lease = world_->size.lease;
  ownership_config o;
  o.prefix = "c/";
  o.members_prefix = "c/group/members/";
  o.self = name_;
  o.sharding = options_of(world_->size);
  o.survives_crash = world_->size.journal;
  o.obeyed = world_->obeyed;
  const auto sender = m.self.process;
  l_ = std::make_unique<life>(std::move(m), std::move(o));
  l_->processes.insert(sender);
  l_->gates = std::make_unique<simulated_gates>(
      *world_, name_, process_,
      simulated_gates::links{
          [this](shard_id s, std::uint64_t epoch) { return serves(s, epoch); },
          [this](shard_id s, std::uint64_t epoch) {
            return l_->owning.epoch_of(s) == epoch && now() < l_->membership.serve_until();
          },
          [this] { return now() < l_->membership.admit_until(); },
          [this](std::uint64_t from) { return l_->processes.contains(from); },
          [this](shard_id s) { return l_->owning.record_of(s); },
          [this](std::uint32_t entity) { return shard_of(entity); }, [this] { look(); },
          [this](ownership_event e) { later([this, e = std::move(e)] { tell(e); }); },
          [this](const std::string& to, const lane_reply& r) { reply(to, r); },
          [this](shard_id s) { l_->lanes->opened(s); }});
  l_->lanes = std::make_unique<simulated_lanes>(
      *world_, name_, sender,
      simulated_lanes::links{[this](const lane_message& m_) { return l_->gates->take(name_, m_); },
                             [this](shard_id s) { return l_->owning.record_of(s); },
                             [this](std::uint32_t entity) { return shard_of(entity); },
                             [this] { return now(); }});
}

void simulated_node::start() {
  make_life();
  process_.start();
  world_->store.watch(process_, [this](revision) { look(); });
  look();
  tick();
}

void simulated_node::crash() {
  world_->ledger.sender_gone(l_->lanes->sender());
  process_.crash();
}

void simulated_node::leave() {
  if (std::exchange(l_->leaving, true)) return;
  // One that is asked before it is a member would never be gone; it is asked again some other time.
  later([this] {
    if (!is_up()) return void(l_->leaving = false);
    tell(membership_event{leave_asked{}});
  });
}

bool simulated_node::is_up() const {
  return l_->membership.state() == member_state::up;
}

bool simulated_node::is_gone() const {
  return l_->membership.state() == member_state::gone;
}

bool simulated_node::serves(shard_id shard, std::uint64_t epoch) const {
  const auto until = l_->membership.serve_until();
  const bool leased = world_->obeyed.lease_at_use ? now() < until : until != lease_time{};
  return epoch != 0 && process_.running() && leased && l_->owning.serves(shard, epoch, now());
}

bool simulated_node::serves(shard_id shard) const {
  return l_->gates->is_open(shard) && serves(shard, l_->owning.epoch_of(shard));
}

shard_id simulated_node::shard_of(std::uint32_t entity) const {
  const auto base = world_->shard_of(entity);
  const auto name = name_of(entity);
  return promoted_shard(base, l_->owning.record_of(base), name.type, name.id).value_or(base);
}

bool simulated_node::send(const command& what, promise kind, sim_time patience) {
  return l_->lanes->send(what, kind, now() + patience);
}

// One thing after another.

void simulated_node::later(std::function<void()> what) {
  l_->to_do.push_back(std::move(what));
  run();
}

void simulated_node::next(std::vector<std::function<void()>> all) {
  l_->to_do.insert(l_->to_do.begin(), std::make_move_iterator(all.begin()),
                   std::make_move_iterator(all.end()));
}

void simulated_node::run() {
  if (std::exchange(l_->doing, true)) return;
  while (!l_->asking && !l_->to_do.empty()) {
    const auto what = std::move(l_->to_do.front());
    l_->to_do.pop_front();
    what();
  }
  l_->doing = false;
}

void simulated_node::tick() {
  process_.plan(world_->time.now() + tick_length, [this] { tick(); });
  l_->lanes->tick();
  if (!l_->to_do.empty() || l_->asking) return run();
  if (now() >= l_->membership.next_due()) later([this] { tell(membership_event{time_passed{}}); });
  if (l_->membership.state() == member_state::joining) {
    later([this] { tell(membership_event{links_ready{}}); });
  }
  later([this] {
    if (now() >= l_->owning.next_due()) tell(ownership_event{time_passed{}});
    if (l_->membership.leaves() && l_->owning.empty_handed()) tell(membership_event{handed_over{}});
  });
}

void simulated_node::tell(const membership_event& what) {
  const bool was_there = !is_gone();
  const auto actions = l_->membership.step(now(), what);
  bool lost = false;
  for (const auto& a : actions) {
    lost |= std::holds_alternative<stop_serving>(a);
    if (const auto* told = std::get_if<publish>(&a))
      l_->can_hand_over = can_hand_over(*told, name_);
  }
  if (was_there && is_gone() && !lost && l_->can_hand_over) {
    world_->seen.hit("left with nothing");
    world_->departed.insert(l_->membership.self().incarnation);
  }
  auto all = each(actions, [this](const auto& a) { perform(a); });
  all.emplace_back([this] { stepped(); });
  next(std::move(all));
}

void simulated_node::stepped() {
  const lease_known is{l_->membership.serve_until(), l_->membership.self().incarnation,
                       l_->membership.leaves()};
  if (is == l_->told) return;
  l_->told = is;
  tell(ownership_event{is});
}

void simulated_node::tell(const ownership_event& what) {
  next(each(l_->owning.step(now(), what), [this](const auto& a) { perform(a); }));
}

void simulated_node::perform(const publish& a) {
  members_known known;
  known.agreed = a.agreed;
  for (const auto& record : a.records) {
    l_->processes.insert(record.self.process);
    known.members[record.self.name] = {record.self.incarnation, a.modified.at(record.self.name)};
  }
  tell(ownership_event{std::move(known)});
}

void simulated_node::perform(const stop_serving&) {
  world_->seen.hit("lease lost");
}

void simulated_node::perform(const shard_routed& a) {
  world_->log.add(world_->time.now(), "routed", a.shard, a.record.epoch, a.record.incarnation);
  if (world_->log.keeps()) {
    world_->log.note(world_->time.now(), name_ + " learns that shard " + std::to_string(a.shard) +
                                             " is " + a.record.owner + "'s in epoch " +
                                             std::to_string(a.record.epoch));
  }
  l_->gates->tell_moved(a.shard, a.record);
  l_->lanes->routed(a.shard, a.record);
}

// Frames.

void simulated_node::perform(const say_to& a) {
  if (a.word.step == handoff_step::yours) world_->seen.hit("target told that it is its");
  if (world_->log.keeps()) {
    world_->log.note(world_->time.now(),
                     name_ + " says " + std::to_string(static_cast<int>(a.word.step)) +
                         " of move " + std::to_string(a.word.move) + " of shard " +
                         std::to_string(a.word.shard) + " in epoch " +
                         std::to_string(a.word.epoch) + " to " + a.node);
  }
  world_->network.send(name_, a.node, frame_of(frame_kind::word, a.word));
}

void simulated_node::reply(const std::string& to, const lane_reply& what) {
  if (to != name_) return world_->network.send(name_, to, frame_of(frame_kind::reply, what));
  process_.plan(world_->time.now(), [this, what] { l_->lanes->answered(what); });
}

void simulated_node::received(const std::string& from, const std::string& frame) {
  const std::string_view bytes = std::string_view{frame}.substr(1);
  switch (static_cast<frame_kind>(frame[0])) {
    case frame_kind::message: {
      const auto answer = l_->gates->take(from, unpacked<lane_message>(bytes));
      if (answer) reply(from, *answer);
      return;
    }
    case frame_kind::reply: return l_->lanes->answered(unpacked<lane_reply>(bytes));
    case frame_kind::word:
      return later([this, from, word = unpacked<handoff_word>(bytes)] {
        tell(ownership_event{word_heard{from, word}});
      });
    case frame_kind::cargo: return l_->gates->staged(from, unpacked<shard_cargo>(bytes));
    case frame_kind::answer: return answered(unpacked<command_answer>(bytes));
  }
}

void simulated_node::answered(const command_answer& answer) {
  const auto found = world_->commands.find(answer.id);
  if (found == world_->commands.end() || found->second.returned != never) return;
  found->second.returned = world_->tick();
  found->second.answer = answer;
}

std::string simulated_node::restless() const {
  if (process_.paused()) return "is paused";
  if (l_->leaving) {
    return "has not left yet, is " + std::string{to_string(l_->membership.state())} +
           " and holds " + std::to_string(l_->owning.holds());
  }
  if (l_->membership.state() != member_state::up) {
    return "is " + std::string{to_string(l_->membership.state())};
  }
  if (l_->owning.unsettled() != 0) {
    return "has " + std::to_string(l_->owning.unsettled()) + " shards unsettled";
  }
  if (l_->lanes->waiting() != 0) return "has messages waiting:" + l_->lanes->text();
  if (l_->gates->cargo() != 0) return "keeps cargo of " + std::to_string(l_->gates->cargo());
  return {};
}

}  // namespace troupe::testing
