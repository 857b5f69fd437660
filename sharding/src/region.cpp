#include "region.hpp"

#include "cluster_service.hpp"
#include "runtime/cell_context.hpp"

#include <thread>
#include <utility>
#include <vector>

namespace troupe::sharding {

namespace {
constexpr const char* was_given_up = "the entity crashed too often and was given up for a while";
}

region::region(cluster_service& cluster, std::string type)
    : cluster_(cluster),
      events_(cluster.inside().events()),
      type_(std::move(type)),
      quarantine_(cluster.inside(), type_),
      placed_(cluster.placed()) {
  for (auto& s : stripes_) s.placed = placed_.get();
}

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
  return true;
}

void region::close() {
  open_ = false;
  for (auto& s : stripes_) {
    const std::lock_guard lock{s.mutex};
    s.cells.for_each([](runtime::cell& c) { c.stop(); });
  }
  std::unique_lock lock{closing_mutex_};
  while (!emptied_.wait_for(lock, std::chrono::seconds{5}, [this] { return live_ == 0; })) {
    cluster_.inside().log().warn("still waiting for entities to end",
                                 {{"type", type_}, {"live", live_.load()}});
  }
  if (shown_) cluster_.inside().trees().remove(*std::exchange(shown_, std::nullopt));
}

void region::placement_changed(placement_ptr now) {
  for (auto& s : stripes_) {
    const std::lock_guard lock{s.mutex};
    s.placed = now.get();
    s.cells.for_each([&](runtime::cell& c) {
      if (!now->is_ours(hashed_id{c.entity_id()})) c.stop();
    });
  }
  placed_ = std::move(now);
}

placement_ptr region::placed_for(const hashed_id& id) {
  auto& s = stripe_of(id);
  const std::lock_guard lock{s.mutex};
  return s.placed->shared_from_this();
}

result<actor_account> region::costs_of(const hashed_id& id) {
  const auto name = type_ + "/" + std::string{id.text};
  auto& s = stripe_of(id);
  const std::lock_guard lock{s.mutex};
  const auto* here = listed(s, id);
  if (here && !here->has_ended()) return here->costs();
  if (s.placed->is_ours(id)) return {errc::stopped, name + " is not running"};
  const auto owner = s.placed->owner_of(id);
  if (owner == nobody) {
    return {errc::unavailable, name + " has no owner yet: this node is in no view of its cluster"};
  }
  return {errc::unavailable,
          name + " lives on " + s.placed->agreed.members[owner].name + "; ask there"};
}

errc region::send(const detail::place& to, detail::envelope_ptr message) {
  return route(hashed_id{to.name}, std::move(message));
}

errc region::route(const hashed_id& id, detail::envelope_ptr message) {
  findings found;
  const auto how = hand_over(id, message, found);
  if (how == handed::over) return errc::ok;
  if (how == handed::elsewhere) return send_away(id, *found.seen, std::move(message));
  return refuse_as(how, id, *message, found);
}

errc region::send_away(const hashed_id& id, const placement& placed, detail::envelope_ptr message) {
  const auto owner = placed.owner_of(id);
  if (owner == nobody) {
    return refuse(id, *message, errc::unavailable, "this node is not a member of its cluster yet");
  }
  const entity_frame address{{}, type_, id.text, placed.agreed.epoch, 0, {}};
  runtime::outgoing_frame frame{cluster_.inside(), detail::frame_kind::to_entity,
                                placed.agreed.members[owner].name, *message};
  address.write_address(frame.out());
  return frame.send(*message, {type_, id.text}, id.order_key());
}

void region::send_many(const std::vector<const detail::place*>& to, detail::envelope_ptr message) {
  for (const auto* place : to) (void)send(*place, detail::copy_envelope(*message));
}

errc region::deliver(const hashed_id& id, detail::envelope_ptr message, std::size_t bytes_in) {
  findings found;
  found.bytes_in = bytes_in;
  const auto how = hand_over(id, message, found);
  return how == handed::over ? errc::ok : refuse_as(how, id, *message, found);
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
  auto& s = stripe_of(id);
  const std::lock_guard lock{s.mutex};
  if (!s.placed->is_ours(id)) {
    found.seen = s.placed->shared_from_this();
    return handed::elsewhere;
  }
  if (!open_ || !cluster_.serving()) return handed::closed;
  auto* target = listed(s, id);
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

// Its first message gives it its first turn.
runtime::cell& region::start(stripe& s, const hashed_id& id) {
  auto made = runtime::cell::make_entity(*kind_, id.text);
  s.cells.insert(id.hash, *made);
  ++live_;
  return *made.release();
}

void region::ended(runtime::cell& which, const exit_reason& why, detail::envelope* leftover) {
  if (const auto number = which.known_number()) cluster_.inside().registry().forget(number);
  const hashed_id id{which.entity_id()};
  auto* own = take_own(leftover);
  auto& s = stripe_of(id);
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

bool region::is_wary(const runtime::cell& which) {
  return quarantine_.knows(which.entity_id());
}

bool region::lets_in(const runtime::cell& which, detail::envelope& message,
                     std::optional<std::string>& bytes) {
  return quarantine_.lets_in(which.entity_id(), message, bytes);
}

void region::crashed_on(const runtime::cell& which, const detail::handler& message,
                        std::optional<std::string> bytes, std::string_view thrown) {
  quarantine_.crashed(which.entity_id(), message, std::move(bytes), thrown);
}

void region::write(detail::tree_lines& into, std::uint32_t depth) {
  into.add({depth, type_, "entities", "permanent", open_ ? "running" : "stopping", restarts_});
}

// Continuations and ticks of a life that is over.
detail::envelope* region::take_own(detail::envelope*& leftover) noexcept {
  detail::envelope* own = nullptr;
  for (auto** at = &leftover; *at;) {
    if ((*at)->what->on == detail::lane::user) {
      at = &(*at)->next;
      continue;
    }
    auto* found = std::exchange(*at, (*at)->next);
    found->next = std::exchange(own, found);
  }
  return own;
}

// An entity that ended itself while messages waited starts anew for them, before any later message.
void region::revive(stripe& s, const hashed_id& id, detail::envelope*& leftover) {
  if (!leftover || !open_ || !s.placed->is_ours(id) || !cluster_.serving()) return;
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
    } else {
      (void)route(id, std::move(message));
    }
  }
}

void region::received(const std::string& from, const entity_frame& frame, std::string_view bytes) {
  auto& node = cluster_.inside();
  const hashed_id id{frame.id};
  const auto placed = placed_for(id);
  if (!placed->is_ours(id) || !cluster_.serving()) {
    if (frame.epoch > placed->agreed.epoch) cluster_.look_for_newer_view();
    return give_back(from, placed->agreed.epoch, id, bytes);
  }
  if (!open_) {
    const bool known = behaviour_ != nullptr;
    frame.head.refuse(node, from,
                      {known ? errc::unavailable : errc::unknown_type,
                       known ? type_ + " is stopping on " + node.node_name()
                             : node.node_name() + " runs no " + type_},
                      {type_, frame.id});
    return;
  }
  reader in{frame.body, &node};
  auto message = frame.head.read_message(*behaviour_, node, from, in);
  if (message) (void)deliver(id, std::move(message), frame.body.size());
}

void region::give_back(const std::string& from, std::uint64_t epoch, const hashed_id& id,
                       std::string_view bytes) {
  std::string back;
  writer out{back};
  encode(out, detail::frame_kind::not_owner);
  out.varint(epoch);
  out.bytes(bytes.data(), bytes.size());
  const auto key = id.order_key();
  (void)cluster_.inside().posts().give(from, std::move(back), {&key, 1});
}

}  // namespace troupe::sharding
