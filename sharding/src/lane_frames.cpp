#include "lane_frames.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace troupe::sharding {

namespace {
constexpr std::uint64_t no_deadline_ms = 365ull * 24 * 3600 * 1000;
}

std::string shard_name(shard_id shard) {
  return "#" + std::to_string(shard);
}

lane_head head_of(const lane_frame& frame, const lane_name& lane, lane_time now) {
  lane_head head;
  head.shard = lane.shard;
  head.epoch = lane.epoch;
  head.sender = lane.sender;
  head.seq = frame.seq;
  head.base = frame.base;
  head.over = frame.over;
  head.reliable = frame.kind == promise::reliable;
  head.request = frame.request;
  head.left_ms = no_deadline_ms;
  if (frame.deadline != lane_time{}) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(frame.deadline - now);
    head.left_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(left.count(), 0));
  }
  return head;
}

void lane_head::write(writer& out) const {
  using detail::put_varint;
  std::array<char, 6 * detail::longest_varint + sizeof sender> all;  // NOLINT: written first
  auto* at = put_varint(put_varint(all.data(), shard), epoch);
  at = std::copy_n(reinterpret_cast<const char*>(&sender), sizeof sender, at);
  at = put_varint(at, seq);
  at = put_varint(at, (seq - base) << 2 | (reliable ? 2 : 0) | (over ? 1 : 0));
  at = put_varint(at, request);
  if (request != 0) at = put_varint(at, left_ms);
  out.bytes(all.data(), static_cast<std::size_t>(at - all.data()));
}

bool lane_head::read(reader& in) {
  std::uint64_t where = 0;
  std::uint64_t behind = 0;
  if (!in.varint(where) || !in.varint(epoch) || !in.bytes(&sender, sizeof sender)) return false;
  if (!in.varint(seq) || !in.varint(behind) || !in.varint(request)) return false;
  if (request != 0 && !in.varint(left_ms)) return false;
  over = (behind & 1) != 0;
  reliable = (behind & 2) != 0;
  behind >>= 2;
  shard = static_cast<shard_id>(where);
  base = seq - behind;
  return where == shard && behind < seq;
}

void entity_body::write_address(writer& out) const {
  out.text(type);
  out.text(id);
  encode(out, head.message);
  encode(out, head.chain);
}

bool entity_body::read(reader& in) {
  if (!in.text(type) || !in.text(id) || !decode(in, head.message)) return false;
  if (!decode(in, head.chain)) return false;
  if (head.chain.size() > detail::call_chain::most) return false;
  message = in.rest();
  return true;
}

}  // namespace troupe::sharding
