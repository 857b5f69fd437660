#include "region.hpp"

#include "cluster_service.hpp"
#include "runtime/cell_context.hpp"

#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::sharding {

namespace {
constexpr const char* was_given_up = "the entity crashed too often and was given up for a while";
}

region::region(cluster_service& cluster, std::string type)
    : cluster_(cluster), events_(cluster.inside().events()), type_(std::move(type)) {}

region::stripe& region::stripe_of(const std::string& id) noexcept {
  return stripes_[std::hash<std::string>{}(id) % stripes_.size()];
}

std::shared_ptr<detail::carrier> region::as_carrier() {
  return {cluster_.inside().shared_from_this(), this};
}

bool region::open(const region_options& options) {
  const std::lock_guard lock{closing_mutex_};
  if (open_ || live_ != 0) return false;  // one that is closing still reads the options
  options_ = options;
  kind_ = &cluster_.inside().make_kind(options_.how, *this);
  behaviour_ = options.how.type;
  open_ = true;
  return true;
}

void region::close() {
  open_ = false;
  for (auto& s : stripes_) {
    const std::lock_guard lock{s.mutex};
    for (const auto& [id, cell] : s.cells) cell->stop();
  }
  std::unique_lock lock{closing_mutex_};
  while (!emptied_.wait_for(lock, std::chrono::seconds{5}, [this] { return live_ == 0; })) {
    cluster_.inside().log().warn("still waiting for entities to end",
                                 {{"type", type_}, {"live", live_.load()}});
  }
}

void region::placement_changed(const placement& now) {
  for (auto& s : stripes_) {
    const std::lock_guard lock{s.mutex};
    for (const auto& [id, cell] : s.cells) {
      if (now.owner_of(id) != now.self || now.self == nobody) cell->stop();
    }
  }
}

errc region::send(const detail::place& to, detail::envelope_ptr message) {
  if (to.name.empty() || to.name.size() > longest_id) {
    return refuse(to.name, *message, errc::too_large, "an entity's id has 1 to 512 bytes");
  }
  const auto placed = cluster_.placed();
  const auto owner = placed->owner_of(to.name);
  if (owner == nobody) {
    return refuse(to.name, *message, errc::unavailable,
                  "this node is not a member of its cluster yet");
  }
  if (owner == placed->self) return deliver(to.name, std::move(message));
  entity_frame address{{}, type_, to.name, placed->agreed.epoch, 0, {}};
  runtime::outgoing_frame frame{cluster_.inside(), detail::frame_kind::to_entity,
                                placed->agreed.members[owner].name, *message};
  address.write_address(frame.out());
  return frame.send(*message, {type_, to.name}, order_key(to.name));
}

void region::send_many(const std::vector<const detail::place*>& to, detail::envelope_ptr message) {
  for (const auto* place : to) (void)send(*place, detail::copy_envelope(*message));
}

errc region::deliver(const std::string& id, detail::envelope_ptr message) {
  for (;;) {
    runtime::cell_ptr target;
    switch (find_or_start(id, target)) {
      case lookup::not_ours:
        return refuse(id, *message, errc::unavailable, "this node does not serve the entity now");
      case lookup::given_up: return refuse(id, *message, errc::crashed, was_given_up);
      case lookup::found: break;
    }
    const errc pushed = target->push(message);
    if (pushed == errc::ok) return pushed;
    if (pushed == errc::overloaded) return runtime::refuse(*target, *message, pushed, &events_);
    std::this_thread::yield();  // it is ending in this moment; ended() makes room for its next life
  }
}

region::lookup region::find_or_start(const std::string& id, runtime::cell_ptr& target) {
  auto& s = stripe_of(id);
  const std::lock_guard lock{s.mutex};
  // Inside the lock: placement_changed() looks at every cell that was started before it came by.
  const auto placed = cluster_.placed();
  if (!open_ || !cluster_.serving() || placed->self == nobody ||
      placed->owner_of(id) != placed->self) {
    return lookup::not_ours;
  }
  if (const auto found = s.cells.find(id); found != s.cells.end()) {
    target = found->second;
    return lookup::found;
  }
  if (is_given_up(s, id)) return lookup::given_up;
  target = start(s, id);
  target->launch();
  return lookup::found;
}

runtime::cell_ptr region::start(stripe& s, const std::string& id) {
  auto cell = runtime::cell::make_entity(*kind_, id);
  s.cells[id] = cell;
  ++live_;
  return cell;
}

bool region::is_given_up(stripe& s, const std::string& id) {
  if (s.given_up.empty()) return false;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(s.given_up, [now](const auto& entry) { return entry.second <= now; });
  return s.given_up.contains(id);
}

void region::ended(runtime::cell& which, const exit_reason& why, detail::envelope* leftover) {
  if (const auto number = which.known_number()) cluster_.inside().registry().forget(number);
  const std::string id{which.entity_id()};
  auto* own = take_own(leftover);
  auto& s = stripe_of(id);
  runtime::cell_ptr last;  // freed after the lock
  {
    const std::lock_guard lock{s.mutex};
    const auto found = s.cells.find(id);
    last = std::move(found->second);
    s.cells.erase(found);
    if (why.kind == exit_kind::crashed) {
      s.given_up[id] = std::chrono::steady_clock::now() + options_.given_up_for;
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
void region::revive(stripe& s, const std::string& id, detail::envelope*& leftover) {
  const auto placed = cluster_.placed();
  const bool ours = placed->self != nobody && placed->owner_of(id) == placed->self;
  if (!leftover || !open_ || !ours || !cluster_.serving()) return;
  const auto next = start(s, id);
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    (void)next->push(message);  // there is room: they had fitted into one mailbox
  }
  next->launch();
}

void region::pass_on(const std::string& id, const exit_reason& why, detail::envelope* leftover) {
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    if (why.kind == exit_kind::crashed) {
      (void)refuse(id, *message, errc::crashed, was_given_up);
    } else {
      (void)send({id, 0}, std::move(message));
    }
  }
}

void region::received(const std::string& from, const entity_frame& frame, std::string_view bytes) {
  auto& node = cluster_.inside();
  const auto placed = cluster_.placed();
  const bool ours = placed->self != nobody && placed->owner_of(frame.id) == placed->self;
  if (!ours || !cluster_.serving()) {
    if (frame.epoch > placed->agreed.epoch) cluster_.look_for_newer_view();
    std::string back;
    writer out{back};
    encode(out, detail::frame_kind::not_owner);
    out.varint(placed->agreed.epoch);
    out.bytes(bytes.data(), bytes.size());
    const auto key = order_key(frame.id);
    (void)node.posts().give(from, std::move(back), {&key, 1});
    return;
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
  if (message) (void)deliver(frame.id, std::move(message));
}

void region::returned(const std::string& from, const entity_frame& given_back,
                      std::uint64_t their_epoch) {
  entity_frame frame = given_back;
  ++frame.hops;
  if (frame.hops > most_hops) {
    return fail(frame, {errc::unavailable, "no node says that it owns the entity"});
  }
  const auto placed = cluster_.placed();
  const auto owner = placed->owner_of(frame.id);
  const bool another = owner != nobody && placed->agreed.members[owner].name != from;
  if (another && their_epoch <= placed->agreed.epoch) return send_again(frame);
  // One of us has an old view, and will soon see a newer one.
  cluster_.look_for_newer_view();
  if (waiting_.fetch_add(1) >= most_waiting) {
    waiting_.fetch_sub(1);
    return fail(frame, {errc::overloaded, "too many messages wait for a newer view"});
  }
  const auto again = [weak = weak_from_this(), frame = std::move(frame)] {
    const auto self = weak.lock();
    if (!self) return;
    self->waiting_.fetch_sub(1);
    self->send_again(frame);
  };
  cluster_.inside().clockwork().call(std::chrono::steady_clock::now() + view_pause, again);
}

void region::send_again(const entity_frame& given_back) {
  entity_frame frame = given_back;
  auto& node = cluster_.inside();
  const auto placed = cluster_.placed();
  const auto owner = placed->owner_of(frame.id);
  const auto request = frame.head.request;
  if (owner == nobody) {
    return fail(frame, {errc::unavailable, "this node is not a member of its cluster"});
  }
  const auto& to = placed->agreed.members[owner].name;
  const auto deadline = request ? node.asks().moved(request, to) : detail::time_point::max();
  if (!deadline) return;  // its asker has given up
  if (owner == placed->self) return deliver_returned(frame, *deadline);
  frame.epoch = placed->agreed.epoch;
  frame.head.left_ms = request ? runtime::milliseconds_left(*deadline) : 0;
  const auto key = order_key(frame.id);
  const errc sent = node.posts().give(to, frame.write(), {&key, 1});
  if (sent != errc::ok) fail(frame, {sent, "to " + to + ": nothing was sent"});
}

// The newer view says that we are the owner ourselves.
void region::deliver_returned(const entity_frame& frame, detail::time_point deadline) {
  const auto request = frame.head.request;
  const auto* type = behaviour_.load();
  const auto* what = type ? type->find(frame.head.message) : nullptr;
  reader in{frame.body, &cluster_.inside()};
  auto message = what ? detail::read_envelope(*what, in) : nullptr;
  if (!message) return fail(frame, {errc::unknown_type, "this node runs no " + type_});
  if (request != 0) message->sink = cluster_.inside().asks().withdraw(request);
  if (request != 0 && !message->sink) return;
  message->deadline = deadline;
  (void)deliver(frame.id, std::move(message));
}

errc region::refuse(const std::string& id, detail::envelope& message, errc why, const char* what) {
  return events_.refuse({type_, id}, message, why, what);
}

void region::fail(const entity_frame& frame, error why) {
  const auto* type = behaviour_.load();
  events_.lost({type_, frame.id}, type ? type->find(frame.head.message) : nullptr, why);
  if (frame.head.request == 0) {
    cluster_.inside().log().debug("message dropped", {{"type", type_}, {"why", why.what}});
  } else if (const auto sink = cluster_.inside().asks().withdraw(frame.head.request)) {
    sink->fail(std::move(why));
  }
}

}  // namespace troupe::sharding
