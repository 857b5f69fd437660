#include "region.hpp"

#include "cluster_service.hpp"
#include "lanes.hpp"
#include "runtime/arriving_cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/durable_cell.hpp"
#include "runtime/envelope_line.hpp"

#include <thread>
#include <utility>

namespace troupe::sharding {

namespace {
constexpr const char* was_given_up = "the entity crashed too often and was given up for a while";
constexpr auto ownerless = "this node is no member yet, or no member has a weight above 0";
}  // namespace

region::region(cluster_service& cluster, std::string type)
    : cluster_(cluster),
      events_(cluster.inside().events()),
      type_(std::move(type)),
      quarantine_(cluster.inside(), type_) {}

std::shared_ptr<detail::carrier> region::as_carrier() {
  return {cluster_.inside().shared_from_this(), this};
}

bool region::open(const region_options& options) {
  const std::lock_guard lock{closing_mutex_};
  if (open_ || live_ != 0) return false;  // one that is closing still reads the options
  options_ = options;
  options_.how.policy = [this, make = options.how.policy] {
    return [this, decide = make()](const crash_report& report) {
      const auto decision = decide(report);
      if (decision.verdict == crash_verdict::restart) ++restarts_;
      return decision;
    };
  };
  quarantine_.open(options.quarantine_after);
  shown_ = cluster_.inside().trees().add({type_, {}, true}, weak_from_this());
  kind_ = &cluster_.inside().make_kind(options_.how, *this);
  behaviour_ = options.how.type;
  open_ = true;
  if (options_.how.durable && options_.passivate_after.count() > 0) sweep_later();
  return true;
}

// Between one and two halves more than that it has rested then.
void region::sweep_later() {
  cluster_.inside().clockwork().call(
      std::chrono::steady_clock::now() + options_.passivate_after / 2, [alive = weak_from_this()] {
        const auto self = alive.lock();
        if (!self || !self->open_) return;
        for (const auto& c : self->idle_.look(self->stripes_)) runtime::durable_cell::passivate(*c);
        self->sweep_later();
      });
}

void region::hand_over() {
  cluster_.leave();
}

void region::close() {
  open_ = false;
  stripes_.for_each([](runtime::cell& c) { c.stop(); });
  std::unique_lock lock{closing_mutex_};
  while (!emptied_.wait_for(lock, std::chrono::seconds{5}, [this] { return live_ == 0; })) {
    cluster_.inside().log().warn("still waiting for entities to end",
                                 {{"type", type_}, {"live", live_.load()}});
  }
  if (shown_) cluster_.inside().trees().remove(*std::exchange(shown_, std::nullopt));
}

std::vector<runtime::cell_ptr> region::entities_of(shard_id shard) {
  const auto& shards = cluster_.shards();
  std::vector<runtime::cell_ptr> found;
  stripes_.for_each_near(base_of(shard), shards.gates().size(), [&](runtime::cell& c) {
    if (shards.shard_of(type_, hashed_id{c.entity_id()}) == shard) found.emplace_back(&c);
  });
  return found;
}

void region::count_messages(std::map<shard_id, std::uint64_t>& of) {
  stripes_.for_each([&](runtime::cell& c) {
    of[cluster_.shards().shard_of(type_, hashed_id{c.entity_id()})] += c.costs().messages;
  });
}

bool region::arrive(std::string_view id, runtime::luggage with) {
  if (!open_) return false;
  const hashed_id whose{id};
  auto& s = stripes_.of(whose);
  const std::lock_guard lock{s.mutex};
  auto made = runtime::arriving_cell::arrive(*kind_, id, cluster_.inside(), std::move(with));
  s.cells.insert(whose.hash, *made);
  ++live_;
  runtime::arriving_cell::launch(*made.release());
  return true;
}

bool region::gate_open(const hashed_id& id) const {
  return cluster_.shards().gates().is_open(cluster_.shards().shard_of(type_, id));
}

bool region::may_go_in(const hashed_id& id) const {
  auto& shards = cluster_.shards();  // what waits in the lane goes before
  return gate_open(id) && cluster_.serving() && !shards.out().busy(shards.shard_of(type_, id));
}

result<actor_account> region::costs_of(const hashed_id& id) {
  const auto name = type_ + "/" + std::string{id.text};
  auto& s = stripes_.of(id);
  const std::lock_guard lock{s.mutex};
  const auto* here = s.find(id);
  if (here && !here->has_ended()) return here->costs();
  if (gate_open(id)) return {errc::stopped, name + " is not running"};
  const auto owner = cluster_.placed()->record_of(cluster_.shards().shard_of(type_, id)).owner;
  if (owner.empty()) {
    return {errc::unavailable, name + " has no owner yet: this node is in no view of its cluster"};
  }
  return {errc::unavailable, name + " lives on " + owner + "; ask there"};
}

errc region::send(const detail::place& to, detail::envelope_ptr message) {
  return route(hashed_id{to.name}, std::move(message));
}

errc region::route(const hashed_id& id, detail::envelope_ptr message) {
  findings found;
  // What is to survive a crash of the owner stays in the lane until it was handled.
  const bool kept = message->sink && message->sink->reliable();
  const auto how = kept ? handed::elsewhere : hand_over(id, message, found);
  if (how == handed::over) return errc::ok;
  if (how != handed::elsewhere) return refuse_as(how, id, *message, found);
  if (!cluster_.shards().knows_owners()) return refuse(id, *message, errc::unavailable, ownerless);
  return cluster_.shards().out().send(id, type_, std::move(message));
}

void region::send_many(const std::vector<const detail::place*>& to, detail::envelope_ptr message) {
  for (const auto* place : to) (void)send(*place, detail::copy_envelope(*message));
}

errc region::refuse_as(handed why, const hashed_id& id, detail::envelope& message,
                       findings& found) {
  switch (why) {
    case handed::no_id:
      return refuse(id, message, errc::too_large, "an entity's id has 1 to 512 bytes");
    case handed::full: return runtime::refuse(*found.full, message, errc::overloaded, &events_);
    case handed::given_up: return refuse(id, message, errc::crashed, was_given_up);
    default:
      return refuse(id, message, errc::unavailable, "this node does not serve the entity now");
  }
}

errc region::refuse(const hashed_id& id, detail::envelope& message, errc why, const char* what) {
  return events_.refuse({type_, id.text}, message, why, what);
}

region::handed region::hand_over(const hashed_id& id, detail::envelope_ptr& message,
                                 findings& found) {
  for (;;) {
    const auto how = try_to_hand_over(id, message, found);
    if (how != handed::ending) return how;
    std::this_thread::yield();  // in this moment; ended() makes room for its next life
  }
}

region::handed region::try_to_hand_over(const hashed_id& id, detail::envelope_ptr& message,
                                        findings& found) {
  if (id.text.empty() || id.text.size() > longest_id) return handed::no_id;
  if (!found.by_lane && !gate_open(id)) return handed::elsewhere;
  auto& s = stripes_.of(id);
  const std::lock_guard lock{s.mutex};
  if (!found.by_lane && !may_go_in(id)) return handed::elsewhere;
  if (!open_) return handed::closed;
  auto* target = s.find(id);
  if (!target) {
    if (given_up_.contains(id.text)) return handed::given_up;
    target = &start(s, id);
  }
  switch (target->push(message)) {
    case errc::ok:
      if (found.bytes_in > 0) target->count_bytes_in(found.bytes_in);
      return handed::over;
    case errc::overloaded: found.full = runtime::cell_ptr{target}; return handed::full;
    default: return handed::ending;
  }
}

runtime::cell& region::start(stripe& s, const hashed_id& id) {
  auto made = runtime::cell::make_entity(*kind_, id.text);
  s.cells.insert(id.hash, *made);
  ++live_;
  return *made.release();
}

void region::ended(runtime::cell& which, const exit_reason& why, detail::envelope* leftover) {
  if (const auto number = which.known_number()) cluster_.inside().registry().forget(number);
  const hashed_id id{which.entity_id()};
  auto* own = runtime::take_own(leftover);  // of a life that is over
  auto& s = stripes_.of(id);
  {
    const std::lock_guard lock{s.mutex};
    s.cells.erase(id.hash, which);
    if (why.kind == exit_kind::crashed) {
      given_up_.add(id.text, std::chrono::steady_clock::now() + options_.given_up_for);
    } else {
      revive(s, id, leftover);
    }
  }
  // After the lock and in the next life: what they hold may send, and that may be to this entity.
  while (own) detail::destroy(std::exchange(own, own->next));
  pass_on(id, why, leftover);
  const std::lock_guard lock{closing_mutex_};
  if (--live_ == 0) emptied_.notify_all();
}

// A process that slept through its lease handles nothing more, whatever waits in its mailboxes.
bool region::may_run() const {
  return cluster_.serving();
}

void region::keep(const runtime::cell& of, std::vector<runtime::kept_events>&& events,
                  runtime::held_output output, std::uint64_t& era) {
  cluster_.shards().journals().keep(type_, of.entity_id(), std::move(events), std::move(output),
                                    era);
}

void region::recall(const runtime::cell& of, runtime::recollection done) {
  cluster_.shards().journals().recall(type_, of.entity_id(), std::move(done));
}

void region::write(detail::tree_lines& into, std::uint32_t depth) {
  into.add({depth, type_, "entities", "permanent", open_ ? "running" : "stopping", restarts_});
}

// An entity that ended itself while messages waited starts anew for them, before any later message.
void region::revive(stripe& s, const hashed_id& id, detail::envelope*& leftover) {
  if (!leftover || !open_ || !gate_open(id) || !cluster_.serving()) return;
  auto& next = start(s, id);
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    (void)next.push(message);  // there is room: they had fitted into one mailbox
  }
}

void region::pass_on(const hashed_id& id, const exit_reason& why, detail::envelope* leftover) {
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    if (why.kind == exit_kind::crashed) {
      (void)refuse(id, *message, errc::crashed, was_given_up);
    } else if (!cluster_.serving()) {
      (void)refuse(id, *message, errc::unavailable, "this node lost its lease with the message");
    } else {
      (void)route(id, std::move(message));
    }
  }
}

arriving region::unpack(const std::string& from, const entity_body& what) {
  auto& node = cluster_.inside();
  if (!open_) {
    return turn_down(node, from, what, behaviour_ ? errc::unavailable : errc::unknown_type);
  }
  arriving a{this, what.id, nullptr, nullptr, what.message.size(), 0};
  reader in{what.message, &node};
  auto head = what.head;
  if (from == node.node_name()) a.own_request = std::exchange(head.request, 0);
  a.message = head.read_message(*behaviour_, node, from, in);
  if (a.own_request != 0 && a.message) {
    a.message->deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds{what.head.left_ms};
  }
  return a;
}

std::function<void()> region::take(arriving& a) {
  if (!a.message) return std::move(a.refusal);
  const hashed_id id{a.id};
  if (a.own_request != 0) {
    a.message->sink = cluster_.inside().asks().withdraw(a.own_request);
    if (!a.message->sink) return nullptr;  // nobody waits any more
  }
  findings found;
  found.by_lane = true;
  found.bytes_in = a.own_request == 0 ? a.bytes : 0;
  const auto how = hand_over(id, a.message, found);
  a.must_wait = how == handed::full && is_kept_by_sender(a);
  if (how == handed::over || a.must_wait) return nullptr;
  return [this, how, name = std::string{a.id}, found,
          message = std::make_shared<detail::envelope_ptr>(std::move(a.message))]() mutable {
    (void)refuse_as(how, hashed_id{name}, **message, found);
  };
}

}  // namespace troupe::sharding
