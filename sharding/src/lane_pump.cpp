#include "lane_pump.hpp"

#include "frame_bytes.hpp"

#include <chrono>

namespace troupe::sharding {

lane_time lane_pump::now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

void lane_pump::run(shard_id shard, shared_lane& l, std::unique_lock<std::mutex>& lock) {
  if (l.pumping || stopping_) return;
  l.pumping = true;
  auto at = now();
  while (const auto f = l.out.next(at)) {
    const auto head = head_of(*f, {shard, l.out.where().epoch, sender_}, at);
    if (l.out.where().node != node_.node_name()) {
      if (send_frame(l.out.where().node, head, f->body) == errc::ok) continue;
      l.out.not_sent(f->seq, at);
      break;
    }
    const std::string body{f->body};
    lock.unlock();
    const auto answer = deliver_(head, body);
    lock.lock();
    at = now();
    const bool unseen =
        answer.kind == lane_answer_kind::parked || answer.kind == lane_answer_kind::moved;
    unseen ? l.out.not_sent(head.seq, at) : apply(l, answer);
  }
  l.pumping = false;
  note(l);
}

void lane_pump::note(shared_lane& l) {
  const auto bytes = l.out.bytes();
  bytes_ += bytes - std::exchange(l.counted, bytes);
  l.busy.store(!l.out.empty(), std::memory_order_release);
}

errc lane_pump::send_frame(const std::string& to, const lane_head& head, std::string_view body) {
  detail::frame_bytes frame;
  writer out{*frame};
  encode(out, detail::frame_kind::to_entity);
  head.write(out);
  out.bytes(body.data(), body.size());
  const std::uint64_t key = head.shard;
  return node_.posts().give(to, std::move(*frame), {&key, 1});
}

void lane_pump::apply(shared_lane& l, const lane_answer& answer) {
  switch (answer.kind) {
    case lane_answer_kind::taken: return l.out.acknowledged(answer.value, answer.epoch, now());
    case lane_answer_kind::expected: return l.out.expects(answer.value, answer.epoch, now());
    case lane_answer_kind::parked:
    case lane_answer_kind::moved: return l.out.parked(now());
  }
}

}  // namespace troupe::sharding
