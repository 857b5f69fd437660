#include "lane_pump.hpp"

#include "frame_bytes.hpp"

#include <chrono>
#include <ctime>

namespace troupe::sharding {

namespace {
lane_time exact_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}
}  // namespace

lane_time lane_pump::now() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

void lane_pump::run(shard_id shard, shared_lane& l, std::unique_lock<std::mutex>& lock) {
  if (l.pumping || stopping_) return;
  l.pumping = true;
  auto at = now();
  while (const auto f = l.out.next(at)) {
    const auto when = f->deadline == lane_time{} ? at : exact_now();
    const auto head = head_of(*f, {shard, l.out.where().epoch, sender_}, when);
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
  const auto since = bytes > l.counted ? bytes - l.counted : l.counted - bytes;
  const bool few = since < most_uncounted && (bytes == 0) == (l.counted == 0);
  if (!few) bytes_ += bytes - std::exchange(l.counted, bytes);
  if (l.busy.load(std::memory_order_relaxed) == l.out.empty()) {
    l.busy.store(!l.out.empty(), std::memory_order_release);
  }
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
