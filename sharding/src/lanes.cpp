#include "lanes.hpp"

#include "frame_bytes.hpp"
#include "kept_until_applied.hpp"
#include "runtime/host.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace troupe::sharding {

namespace {
constexpr std::size_t head_room = 128;  // more than any head of a lane's frame

}  // namespace

lanes::lanes(detail::node_inside& node, std::uint64_t sender, std::uint32_t shards,
             local_delivery deliver, known_route record_of)
    : node_(node),
      sender_(sender),
      deliver_(std::move(deliver)),
      record_of_(std::move(record_of)),
      lanes_(shards),
      active_(node.clockwork(), [this](shard_id shard) { return look(shard); }) {}

lane_time lanes::now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

lanes::lane& lanes::of(shard_id shard) {
  if (auto* l = known(shard)) return *l;
  lane* made = nullptr;
  {
    const std::lock_guard lock{making_};
    if (auto* l = known(shard)) return *l;
    made_.push_back(std::make_unique<lane>());
    lanes_[shard] = made = made_.back().get();
  }
  // After it can be seen: a newer record either finds it, or is found here.
  const auto record = record_of_(shard);
  const std::lock_guard lock{made->mutex};
  (void)made->out.route({record.owner, record.epoch, record.born});
  return *made;
}

bool lanes::busy(shard_id shard) const noexcept {
  const auto* l = known(shard);
  return l && l->busy.load(std::memory_order_acquire);
}

errc lanes::send(const hashed_id& id, std::string_view type, detail::envelope_ptr message) {
  const auto shard = id.shard(static_cast<std::uint32_t>(lanes_.size()));
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
  if (bytes->size() + head_room > node_.options().link.max_frame) {
    return refuse(type, id.text, request, message->what,
                  {errc::too_large, "the message is larger than link.max_frame"});
  }
  if (auto* here = runtime::host::current(); here && here->running()) {
    here->running()->count_bytes_out(bytes->size(), *here);
  }
  auto& l = of(shard);
  std::unique_lock lock{l.mutex};
  const bool room = bytes_.load(std::memory_order_relaxed) + bytes->size() <= most_bytes;
  if (!room || l.out.push(*bytes, kind, request, deadline) == 0) {
    lock.unlock();
    return refuse(type, id.text, request, message->what,
                  {errc::overloaded, "too many messages wait for the entity's shard"});
  }
  note(l);
  pump(shard, l, lock);
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

// One thread at a time sends for a lane; what others push meanwhile it finds.
void lanes::pump(shard_id shard, lane& l, std::unique_lock<std::mutex>& lock) {
  if (l.pumping || stopping_) return;
  l.pumping = true;
  while (const auto f = l.out.next(now())) {
    const auto head = head_of(*f, {shard, l.out.where().epoch, sender_}, now());
    if (l.out.where().node != node_.node_name()) {
      if (send_frame(l.out.where().node, head, f->body) == errc::ok) continue;
      l.out.not_sent(f->seq, now());
      break;
    }
    const std::string body{f->body};
    lock.unlock();
    const auto answer = deliver_(head, body);
    lock.lock();
    const bool unseen =
        answer.kind == lane_answer_kind::parked || answer.kind == lane_answer_kind::moved;
    unseen ? l.out.not_sent(head.seq, now()) : apply(l, answer);
  }
  l.pumping = false;
  note(l);
}

/// What changed in a lane is seen by those who do not look into it.
void lanes::note(lane& l) {
  const auto bytes = l.out.bytes();
  bytes_ += bytes - std::exchange(l.counted, bytes);
  l.busy.store(!l.out.empty(), std::memory_order_release);
}

errc lanes::send_frame(const std::string& to, const lane_head& head, std::string_view body) {
  std::string frame;
  frame.reserve(head_room + body.size());
  writer out{frame};
  encode(out, detail::frame_kind::to_entity);
  head.write(out);
  out.bytes(body.data(), body.size());
  const std::uint64_t key = head.shard;
  return node_.posts().give(to, std::move(frame), {&key, 1});
}

void lanes::apply(lane& l, const lane_answer& answer) {
  switch (answer.kind) {
    case lane_answer_kind::taken: return l.out.acknowledged(answer.value, answer.epoch, now());
    case lane_answer_kind::expected: return l.out.expects(answer.value, answer.epoch, now());
    case lane_answer_kind::parked:
    case lane_answer_kind::moved: return l.out.parked(now());
  }
}

void lanes::answered(const lane_answers& answers) {
  for (const auto& one : answers.all) {
    const bool ours = answers.sender == sender_ || one.kind == lane_answer_kind::moved;
    if (!ours || one.shard >= lanes_.size()) continue;
    if (one.kind == lane_answer_kind::moved && routed(one.shard, one.record)) continue;
    auto* l = known(one.shard);
    if (!l) continue;
    std::unique_lock lock{l->mutex};
    apply(*l, one);
    pump(one.shard, *l, lock);
  }
}

bool lanes::routed(shard_id shard, const shard_record& record) {
  auto* found = known(shard);
  if (!found) return true;
  auto& l = *found;
  std::vector<lane_loss> lost;
  {
    std::unique_lock lock{l.mutex};
    if (record.epoch <= l.out.where().epoch) return false;
    const auto before = l.out.where().epoch;
    lost = l.out.route({record.owner, record.epoch, record.born});
    if (before != 0 && record.born > before) {
      // What the old owner had taken may have been handled, and nobody will answer it.
      const auto safe = l.out.safe_requests();
      lock.unlock();
      node_.asks().lost(shard_name(shard), {safe.begin(), safe.end()});
      lock.lock();
    }
    pump(shard, l, lock);
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

void lanes::applied(shard_id shard, std::uint64_t request) {
  auto* l = known(shard);
  if (!l) return;
  std::unique_lock lock{l->mutex};
  l->out.answered(request);
  note(*l);
}

// The owner is another one by now, or will be: the route's change sends it again.
bool lanes::ask_again(shard_id shard, std::uint64_t request, detail::envelope& waiting,
                      std::uint64_t& as) {
  auto* l = known(shard);
  if (!l || stopping_) return false;
  waiting.deadline = detail::time_point::max();
  const auto next = node_.asks().add(shard_name(shard), waiting);
  if (next == 0) return false;
  as = next;
  const std::lock_guard lock{l->mutex};
  if (l->out.renumber(request, next)) return true;
  waiting.sink = node_.asks().withdraw(next);
  return false;
}

void lanes::expire(const std::string& name) {
  const auto shard = static_cast<shard_id>(std::stoul(name.substr(1)));
  auto* l = shard < lanes_.size() ? known(shard) : nullptr;
  if (!l) return;
  std::vector<lane_loss> lost;
  {
    const std::lock_guard lock{l->mutex};
    lost = l->out.expire(now());
    note(*l);
  }
  lose(lost);
}

void lanes::connected(const std::string& node) {
  for (shard_id shard = 0; shard < lanes_.size(); ++shard) {
    auto* l = known(shard);
    if (!l) continue;
    std::unique_lock lock{l->mutex};
    if (l->out.where().node != node) continue;
    l->out.connected();
    pump(shard, *l, lock);
  }
}

void lanes::opened(shard_id shard) {
  auto* l = known(shard);
  if (!l) return;
  std::unique_lock lock{l->mutex};
  l->out.connected();
  pump(shard, *l, lock);
}

bool lanes::wait_until_empty(std::chrono::steady_clock::time_point until) const {
  while (bytes_ != 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(active_lanes::tick);
  }
  return true;
}

void lanes::stop() {
  stopping_ = true;
  active_.stop();
}

bool lanes::look(shard_id shard) {
  auto& l = *known(shard);
  std::unique_lock lock{l.mutex};
  l.out.time_passed(now());
  pump(shard, l, lock);
  l.listed = !l.out.empty();
  return l.listed;
}

}  // namespace troupe::sharding
