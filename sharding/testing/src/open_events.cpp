#include <troupe/core/detail/mixing.hpp>
#include <troupe/testing/open_events.hpp>

#include <algorithm>
#include <tuple>

namespace troupe::testing {

namespace {
struct timed_event {
  std::uint64_t at = 0;
  bool returns = false;
  std::uint32_t operation = 0;
};
}  // namespace

open_events::open_events(const std::vector<operation_times>& operations) {
  std::vector<timed_event> events;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    events.push_back({operations[i].invoked, false, i});
    if (operations[i].returned == never) continue;
    events.push_back({operations[i].returned, true, i});
    ++must_return_;
  }
  std::sort(events.begin(), events.end(), [](const timed_event& a, const timed_event& b) {
    return std::tie(a.at, a.returns, a.operation) < std::tie(b.at, b.returns, b.operation);
  });
  nodes_.resize(events.size() + 1);
  std::vector<position> calls(operations.size());
  for (position i = 1; i < nodes_.size(); ++i) {
    const auto& e = events[i - 1];
    nodes_[i].operation = e.operation;
    nodes_[i].call = !e.returns;
    nodes_[i].previous = i - 1;
    nodes_[i - 1].next = i;
    if (e.returns) {
      nodes_[calls[e.operation]].answer = i;
    } else {
      calls[e.operation] = i;
    }
  }
  nodes_[0].previous = static_cast<position>(nodes_.size() - 1);
}

void open_events::unlink(position at) {
  const auto& n = nodes_[at];
  nodes_[n.previous].next = n.next;
  nodes_[n.next].previous = n.previous;
}

void open_events::link(position at) {
  const auto& n = nodes_[at];
  nodes_[n.previous].next = at;
  nodes_[n.next].previous = at;
}

void open_events::lift(position call) {
  unlink(call);
  if (nodes_[call].answer == 0) return;
  unlink(nodes_[call].answer);
  --must_return_;
}

void open_events::put_back(position call) {
  if (nodes_[call].answer != 0) {
    link(nodes_[call].answer);
    ++must_return_;
  }
  link(call);
}

std::uint64_t digest_of(const std::vector<std::uint64_t>& words) noexcept {
  std::uint64_t digest = words.size();
  for (const auto word : words) digest = detail::mixed(digest ^ word) + detail::mixing_step;
  return digest;
}

}  // namespace troupe::testing
