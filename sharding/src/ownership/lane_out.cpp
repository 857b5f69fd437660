#include "ownership/lane_out.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

const rules& lane_out::default_rules() {
  static constexpr rules all;
  return all;
}

lane_seq lane_out::push(std::string_view body, promise kind, std::uint64_t request,
                        lane_time deadline) {
  const bool room = entries_.size() < limits_.messages &&
                    (bytes() + body.size() <= limits_.bytes || bytes() == 0);
  if (!room) return 0;
  entry e;
  e.seq = ++last_;
  e.size = static_cast<std::uint32_t>(body.size());
  e.kind = kind;
  e.request = request;
  e.deadline = deadline;
  entries_.push_back(e);
  bytes_.append(body);
  return last_;
}

lane_seq lane_out::base() const noexcept {
  return taken_ < entries_.size() ? entries_[taken_].seq : last_ + 1;
}

std::optional<lane_frame> lane_out::next(lane_time now) {
  if (route_.node.empty() || now < quiet_until_ || cursor_ >= entries_.size()) return std::nullopt;
  auto& e = entries_[cursor_];
  lane_frame frame{e.seq, base(), e.kind, e.request, e.deadline, e.over, {}};
  if (!e.over) frame.body = std::string_view{bytes_}.substr(cursor_at_, e.size);
  given_ = e.seq;
  sent_before_ = std::exchange(e.sent, true);
  e.again = false;
  cursor_at_ += e.size;
  ++cursor_;
  if (retry_at_ == lane_time{}) {
    retry_wait_ = limits_.retry;
    retry_at_ = now + retry_wait_;
  }
  return frame;
}

void lane_out::not_sent(lane_seq seq, lane_time now) {
  const bool here = !entries_.empty() && seq == given_ && seq >= entries_.front().seq;
  if (here) entries_[seq - entries_.front().seq].sent = sent_before_;
  parked(now);
}

void lane_out::rewind() {
  for (std::size_t i = taken_; i < entries_.size(); ++i) entries_[i].again = entries_[i].kept;
  cursor_ = taken_;
  cursor_at_ = head_;
  for (std::size_t i = 0; i < taken_; ++i) cursor_at_ += entries_[i].size;
}

std::vector<lane_loss> lane_out::route(const lane_route& to) {
  const bool known = to.epoch < route_.epoch || to == route_;
  if (known && rules_->epochs_rise) return {};
  const bool carried_on = to.born <= route_.epoch || route_.epoch == 0;
  route_ = to;
  std::vector<lane_loss> lost;
  if (!carried_on) lost = after_crash();
  start_over();
  settle();
  return lost;
}

void lane_out::start_over() {
  quiet_until_ = park_wait_ = retry_at_ = {};
  rewound_to_ = 0;
  if (rules_->resend_from_base) rewind();
}

// What the old owner had taken is gone with it, and what it may have handled is not sent again,
// unless that was promised.
std::vector<lane_loss> lane_out::after_crash() {
  std::vector<lane_loss> lost;
  std::size_t at = head_;
  for (auto& e : entries_) {
    const bool again = e.kind == promise::reliable || !rules_->drop_after_crash;
    if (e.sent && !e.over && !again) {
      lost.push_back({e.request, true, bytes_.substr(at, e.size)});
      e.over = true;
    }
    at += e.size;
  }
  taken_ = 0;
  return lost;
}

// What was kept goes out again as well: that it was handled may have been said, and lost.
void lane_out::connected() {
  if (rules_->resend_from_base) taken_ = 0;
  start_over();
  settle();
}

void lane_out::acknowledged(lane_seq upto, std::uint64_t epoch, lane_time now) {
  if (epoch < route_.born) return;
  const auto before = taken_;
  while (taken_ < entries_.size() && entries_[taken_].seq <= upto && entries_[taken_].sent &&
         !entries_[taken_].again) {
    auto& e = entries_[taken_++];
    e.kept = true;
    if (e.kind == promise::tell || !rules_->keep_until_applied) e.over = true;
    if (cursor_ < taken_) {  // acknowledged before it was sent again
      cursor_at_ += e.size;
      ++cursor_;
    }
  }
  if (taken_ == before) return;
  rewound_to_ = 0;
  park_wait_ = {};
  retry_wait_ = limits_.retry;
  retry_at_ = cursor_ > taken_ ? now + retry_wait_ : lane_time{};
  settle();
  if (taken_ > 0 && ask_at_ == lane_time{}) ask_again(now);
}

void lane_out::applied(lane_seq seq, std::uint64_t epoch) {
  if (epoch < route_.born) return;
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), seq,
                                      [](const entry& e, lane_seq s) { return e.seq < s; });
  if (found == entries_.end() || found->seq != seq) return;
  found->over = true;
  settle();
}

bool lane_out::answered(std::uint64_t request) {
  for (auto& e : entries_) {
    if (e.request != request || e.over || e.kind != promise::reliable) continue;
    e.over = true;
    settle();
    return true;
  }
  return false;
}

bool lane_out::renumber(std::uint64_t request, std::uint64_t as) {
  for (auto& e : entries_) {
    if (e.request != request || e.over) continue;
    e.request = as;
    return true;
  }
  return false;
}

// Entries whose work is done leave from the front, with their bytes.
void lane_out::settle() {
  while (!entries_.empty() && entries_.front().over) drop_front();
  if (entries_.empty()) {
    bytes_.clear();
    head_ = cursor_at_ = 0;
  } else if (head_ > 4096 && head_ > bytes_.size() / 2) {
    bytes_.erase(0, head_);
    cursor_at_ -= head_;
    head_ = 0;
  }
}

void lane_out::drop_front() {
  head_ += entries_.front().size;
  entries_.pop_front();
  if (taken_ > 0) --taken_;
  if (cursor_ > 0) {
    --cursor_;
  } else {
    cursor_at_ = head_;
  }
}

void lane_out::expects(lane_seq seq, std::uint64_t epoch, lane_time now) {
  if (epoch < route_.epoch) return;
  if (cursor_ <= taken_ || seq == rewound_to_) return;  // nothing under way, or told before
  if (seq > entries_[cursor_ - 1].seq) return;
  rewound_to_ = seq;
  rewind();
  retry_at_ = now + retry_wait_;
}

void lane_out::parked(lane_time now) {
  rewind();
  retry_at_ = {};
  rewound_to_ = 0;
  if (now < quiet_until_) return;
  park_wait_ = std::min(std::max(park_wait_ * 2, limits_.park), limits_.park_most);
  quiet_until_ = now + park_wait_;
}

// What was taken is asked about from time to time: that it was handled may have been said, and
// lost.
void lane_out::ask_again(lane_time now) {
  if (taken_ == 0) {
    ask_at_ = {};
  } else if (ask_at_ == lane_time{}) {
    ask_at_ = now + limits_.retry_most;
  } else if (now >= ask_at_) {
    ask_at_ = {};
    taken_ = 0;
    rewind();
  }
}

void lane_out::time_passed(lane_time now) {
  ask_again(now);
  if (retry_at_ == lane_time{} || now < retry_at_) return;
  if (cursor_ <= taken_) {
    retry_at_ = {};
    return;
  }
  rewind();
  rewound_to_ = 0;
  retry_wait_ = std::min(retry_wait_ * 2, limits_.retry_most);
  retry_at_ = now + retry_wait_;
}

lane_time lane_out::due() const noexcept {
  auto due = retry_at_ == lane_time{} ? lane_time::max() : retry_at_;
  if (taken_ > 0) due = std::min(due, ask_at_);
  if (!route_.node.empty() && cursor_ < entries_.size()) due = std::min(due, quiet_until_);
  return due;
}

std::vector<lane_loss> lane_out::expire(lane_time now) {
  std::vector<lane_loss> lost;
  std::size_t at = head_;
  for (auto& e : entries_) {
    if (!e.sent && !e.over && e.deadline != lane_time{} && now >= e.deadline) {
      lost.push_back({e.request, false, bytes_.substr(at, e.size)});
      e.over = true;
    }
    at += e.size;
  }
  settle();
  return lost;
}

lane_out lane_out::split(const std::function<bool(std::string_view)>& is_of_it,
                         const lane_route& first) {
  auto own = *this;
  const std::string_view bodies{bytes_};
  std::size_t at = head_;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto body = bodies.substr(at, entries_[i].size);
    at += entries_[i].size;
    if (entries_[i].over) continue;
    const bool moves = is_of_it(body);
    entries_[i].over = moves;
    own.entries_[i].over = !moves;
  }
  own.route_ = first;
  for (auto* lane : {this, &own}) {
    lane->start_over();
    lane->settle();
  }
  return own;
}

std::vector<std::uint64_t> lane_out::safe_requests() const {
  std::vector<std::uint64_t> safe;
  for (const auto& e : entries_) {
    if (e.request != 0 && !e.over) safe.push_back(e.request);
  }
  return safe;
}

}  // namespace troupe::sharding
