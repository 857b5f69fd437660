#include "lanes.hpp"

#include "frame_bytes.hpp"
#include "kept_until_applied.hpp"
#include "runtime/host.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace troupe::sharding {

namespace {
lane_route route_of(const shard_record& record) {
  return {record.owner, record.epoch, record.born};
}

}  // namespace

lanes::lanes(detail::node_inside& node, std::uint64_t sender, std::uint32_t shards, links to)
    : node_(node),
      sender_(sender),
      links_(std::move(to)),
      table_(shards),
      pump_(node, sender, links_.deliver),
      active_(node.clockwork(), [this](shard_id shard) { return look(shard); }) {}

shared_lane& lanes::of(shard_id shard) {
  if (auto* l = table_.find(shard)) return *l;
  if (is_promoted(shard)) return split(shard);
  auto& made = table_.add(shard, std::make_unique<shared_lane>());
  // After it can be seen: a newer record either finds it, or is found here.
  const auto record = links_.placed()->record_of(shard);
  const std::lock_guard lock{made.mutex};
  (void)made.out.route(route_of(record));
  return made;
}

// Whoever asks for it knows that the entity is a shard of its own. Whoever did not, and locks the
// other lane later, looks again: nothing of this entity comes into that one any more. From here on
// the two count on their own; so the base shard's owner must not take a number of these before it
// knows, too, which the epoch that it does not have yet sees to.
shared_lane& lanes::split(shard_id promoted) {
  const auto placed = links_.placed();
  const auto from = base_of(promoted);
  auto& base = of(from);
  (void)routed(from, placed->record_of(from));
  const auto* name = placed->name_of(promoted);
  auto made = std::make_unique<shared_lane>();
  std::vector<lane_loss> lost;
  {
    const std::lock_guard lock{base.mutex};
    if (auto* l = table_.find(promoted)) return *l;
    made->out = base.out.split(
        [&](std::string_view bytes) {
          entity_body body;
          reader in{bytes};
          return name && body.read(in) && body.id == name->id && body.type == name->type;
        },
        {{}, first_epoch, first_epoch});
    for (const auto request : made->out.safe_requests())
      node_.asks().rename(request, shard_name(promoted));
    lost = made->out.route(route_of(placed->record_of(promoted)));
    pump_.note(base);
    pump_.note(*made);
    made->listed = true;
    (void)table_.add(promoted, std::move(made));
  }
  lose(lost);
  active_.add(promoted);
  return *table_.find(promoted);
}

bool lanes::busy(shard_id shard) const noexcept {
  const auto* l = table_.find(shard);
  if (!l && is_promoted(shard)) l = table_.find(base_of(shard));
  return l && l->busy.load(std::memory_order_acquire);
}

errc lanes::send(const hashed_id& id, std::string_view type, detail::envelope_ptr message) {
  auto shard = links_.shard_of(type, id);
  entity_body body{type, id.text, {}, {}};
  body.head.message = message->what->id;
  lane_time deadline{};
  std::uint64_t request = 0;
  auto kind = promise::tell;
  if (message->sink) {
    message->sink->chain.each([&](std::uint64_t waiter) { body.head.chain.push_back(waiter); });
    kept_until_applied* kept = nullptr;
    if (message->sink->reliable()) {
      kind = promise::reliable;
      auto sink = std::make_unique<kept_until_applied>(*this, shard, *message->what,
                                                       std::move(message->sink));
      kept = sink.get();
      message->sink = std::move(sink);
    } else {
      deadline = message->deadline.time_since_epoch();
    }
    request = node_.asks().add(shard_name(shard), *message);
    if (kept && request != 0) kept->request = request;
    if (request == 0) {
      node_.events().lost({type, id.text}, message->what,
                          {errc::overloaded, "too many asks wait on this node"});
      return errc::overloaded;
    }
  }
  detail::frame_bytes bytes;
  writer out{*bytes};
  body.write_address(out);
  message->what->encode(message->payload(), out);
  if (bytes->size() + lane_pump::head_room > node_.options().link.max_frame) {
    return refuse(type, id.text, request, message->what,
                  {errc::too_large, "the message is larger than link.max_frame"});
  }
  if (auto* here = runtime::host::current(); here && here->running()) {
    here->running()->count_bytes_out(bytes->size(), *here);
  }
  auto* to = &of(shard);
  std::unique_lock lock{to->mutex};
  if (const auto own = links_.shard_of(type, id); own != shard) {  // it was promoted just now
    lock.unlock();
    node_.asks().rename(request, shard_name(shard = own));
    to = &of(shard);
    lock = std::unique_lock{to->mutex};
  }
  auto& l = *to;
  if (closed_) {
    lock.unlock();
    return refuse(type, id.text, request, message->what,
                  {errc::unavailable, "this node has left its cluster"});
  }
  const bool room = pump_.bytes() + bytes->size() <= most_bytes;
  if (!room || l.out.push(*bytes, kind, request, deadline) == 0) {
    lock.unlock();
    return refuse(type, id.text, request, message->what,
                  {errc::overloaded, "too many messages wait for the entity's shard"});
  }
  pump_.note(l);
  pump_.run(shard, l, lock);
  const bool unlisted = !l.out.empty() && !std::exchange(l.listed, true);
  lock.unlock();
  if (unlisted) active_.add(shard);
  return errc::ok;
}

errc lanes::refuse(std::string_view type, std::string_view id, std::uint64_t request,
                   const detail::handler* what, const error& why) {
  node_.events().lost({type, id}, what, why);
  if (request != 0) {
    if (const auto sink = node_.asks().withdraw(request)) sink->fail(why);
  }
  return why.code;
}

void lanes::answered(const lane_answers& answers) {
  for (const auto& one : answers.all) {
    const bool ours = answers.sender == sender_ || one.kind == lane_answer_kind::moved;
    if (!ours || !table_.knows(one.shard)) continue;
    if (one.kind == lane_answer_kind::moved && routed(one.shard, one.record)) continue;
    auto* l = table_.find(one.shard);
    if (!l) continue;
    std::unique_lock lock{l->mutex};
    lane_pump::apply(*l, one);
    pump_.run(one.shard, *l, lock);
  }
}

bool lanes::routed(shard_id shard, const shard_record& record) {
  const bool apart = is_promoted(shard) && !table_.find(shard) && busy(base_of(shard));
  if (apart && links_.placed()->name_of(shard)) {
    (void)of(shard);
    opened(base_of(shard));
  }
  auto* found = table_.find(shard);
  if (!found) return true;
  auto& l = *found;
  std::vector<lane_loss> lost;
  {
    std::unique_lock lock{l.mutex};
    const auto& where = l.out.where();
    if (record.epoch < where.epoch + (where.node.empty() ? 0 : 1)) return false;
    const auto before = where.epoch;
    lost = l.out.route(route_of(record));
    if (before != 0 && record.born > before) {
      // What the old owner had taken may have been handled, and nobody will answer it.
      const auto safe = l.out.safe_requests();
      lock.unlock();
      node_.asks().lost(shard_name(shard), {safe.begin(), safe.end()});
      lock.lock();
    }
    pump_.run(shard, l, lock);
  }
  lose(lost);
  return true;
}

void lanes::lose(const std::vector<lane_loss>& lost) {
  for (const auto& one : lost) {
    entity_body body;
    reader in{one.body};
    const error why = one.sent ? error{errc::timeout,
                                       "the entity's node died before it had said that "
                                       "it took the message; it may have been handled"}
                               : error{errc::unavailable,
                                       "nobody owned the entity in time; nothing was "
                                       "handled"};
    if (body.read(in)) (void)refuse(body.type, body.id, one.request, nullptr, why);
  }
}

// Who was promoted meanwhile has taken its messages along.
void lanes::applied(shard_id shard, std::uint64_t request) {
  (void)table_.any_from(base_of(shard), [&](shared_lane& l) {
    const std::lock_guard lock{l.mutex};
    const bool found = l.out.answered(request);
    pump_.note(l);
    return found;
  });
}

// The owner is another one by now, or will be: the route's change sends it again.
bool lanes::ask_again(shard_id shard, std::uint64_t request, detail::envelope& waiting,
                      std::uint64_t& as) {
  waiting.deadline = detail::time_point::max();
  const auto next = stopping_ ? 0 : node_.asks().add(shard_name(shard), waiting);
  if (next == 0) return false;
  as = next;
  const bool found = table_.any_from(base_of(shard), [&](shared_lane& l) {
    const std::lock_guard lock{l.mutex};
    return l.out.renumber(request, next);
  });
  if (!found) waiting.sink = node_.asks().withdraw(next);
  return found;
}

void lanes::expire(const std::string& name) {
  const auto shard = static_cast<shard_id>(std::stoul(name.substr(1)));
  auto* l = table_.knows(shard) ? table_.find(shard) : nullptr;
  if (!l) return;
  std::vector<lane_loss> lost;
  {
    const std::lock_guard lock{l->mutex};
    lost = l->out.expire(lane_pump::now());
    pump_.note(*l);
  }
  lose(lost);
}

void lanes::connected(const std::string& node) {
  (void)table_.any_of([&](shard_id shard, shared_lane& l) {
    std::unique_lock lock{l.mutex};
    if (l.out.where().node == node) {
      l.out.connected();
      pump_.run(shard, l, lock);
    }
    return false;
  });
}

void lanes::opened(shard_id shard) {
  auto* l = table_.find(shard);
  if (!l) return;
  std::unique_lock lock{l->mutex};
  l->out.connected();
  pump_.run(shard, *l, lock);
}

bool lanes::wait_until_empty(std::chrono::steady_clock::time_point until) const {
  while (!empty()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(active_lanes::tick);
  }
  return true;
}

// Who holds a lane's lock may still put something in; then it is counted.
void lanes::close() {
  if (closed_.exchange(true)) return;
  (void)table_.any_of([](shard_id, shared_lane& l) {
    const std::lock_guard passed{l.mutex};
    return false;
  });
}

void lanes::stop() {
  stopping_ = true;
  pump_.stop();
  active_.stop();
}

bool lanes::look(shard_id shard) {
  auto& l = *table_.find(shard);
  std::unique_lock lock{l.mutex};
  l.out.time_passed(lane_pump::now());
  pump_.run(shard, l, lock);
  l.listed = !l.out.empty();
  return l.listed;
}

}  // namespace troupe::sharding
