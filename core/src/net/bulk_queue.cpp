#include "net/bulk_queue.hpp"

#include <algorithm>
#include <utility>

namespace troupe::net {
namespace {

constexpr std::size_t slots = 1024;
constexpr std::size_t pack_size = std::size_t{64} << 10;

std::size_t slot_of(std::uint64_t receiver) {
  return receiver * 0x9e37'79b9'7f4a'7c15u >> 54;
}
static_assert(slots == std::size_t{1} << (64 - 54));

}  // namespace

bool bulk_queue::holds(receivers whom) const {
  if (waiting_.empty()) return false;
  if (whom.empty() || newest_for_all_ > departed_) return true;
  return std::any_of(whom.begin(), whom.end(), [this](std::uint64_t receiver) {
    return newest_for_[slot_of(receiver)] > departed_;
  });
}

void bulk_queue::note(receivers whom) {
  ++newest_;
  if (whom.empty()) newest_for_all_ = newest_;
  newest_for_.resize(slots);
  for (const auto receiver : whom) newest_for_[slot_of(receiver)] = newest_;
}

void bulk_queue::push(std::shared_ptr<const std::string> payload, receivers whom,
                      std::uint64_t after) {
  note(whom);
  waiting_.push_back({std::move(payload), {}, 0, after, newest_});
}

void bulk_queue::push_small(std::string_view payload, receivers whom) {
  note(whom);
  const bool fits = !waiting_.empty() && !waiting_.back().payload &&
                    waiting_.back().packed.size() + payload.size() <= pack_size;
  if (!fits) waiting_.emplace_back();
  append_frame(waiting_.back().packed, frame_kind::last, payload);
  waiting_.back().number = newest_;
}

bool bulk_queue::take(batch& out, std::uint64_t reached) {
  if (!ready()) return false;
  item& next = waiting_.front();
  const std::size_t before = out.size;
  if (!next.payload) {
    out.counted += next.packed.size();
    out.chunks.push_back(std::move(next.packed));
    out.add(out.chunks.back());
  } else {
    const bool is_last = next.payload->size() - next.cut <= part_size;
    if (is_last && next.after > reached) return false;
    cut_piece(next, out);
  }
  in_flight_ += out.size - before;
  if (!next.payload || next.cut == next.payload->size()) {
    departed_ = next.number;
    waiting_.pop_front();
  }
  return true;
}

void bulk_queue::cut_piece(item& from, batch& out) {
  const auto piece = std::string_view{*from.payload}.substr(from.cut, part_size);
  from.cut += piece.size();
  const bool is_last = from.cut == from.payload->size();
  const auto kind = is_last ? frame_kind::last : frame_kind::part;
  out.headers.push_back(frame_header(kind, piece.size()));
  out.add({out.headers.back().data(), frame_header_size});
  out.add(piece);
  out.frames.push_back(from.payload);
  // The limit counts one header a frame, however many pieces it leaves in.
  out.counted += piece.size() + (is_last ? frame_header_size : 0);
}

bool bulk_queue::taken(std::size_t bytes) {
  if (bytes > in_flight_) return false;
  in_flight_ -= bytes;
  return true;
}

std::size_t bulk_queue::clear() {
  std::size_t dropped = 0;
  for (const auto& left : waiting_) {
    dropped +=
        left.payload ? left.payload->size() - left.cut + frame_header_size : left.packed.size();
  }
  waiting_.clear();
  departed_ = newest_;
  return dropped;
}

}  // namespace troupe::net
