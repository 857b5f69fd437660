#include "ownership/lane_in.hpp"

#include <algorithm>

namespace troupe::sharding {

lane_verdict lane_in::judge(std::uint64_t sender, lane_seq seq, lane_seq base) const {
  const auto taken = last(sender);
  if (seq <= taken && rules_->refuse_duplicates) return lane_verdict::duplicate;
  const auto expected = rules_->frames_name_base ? std::max(taken + 1, base) : taken + 1;
  if (seq > expected && rules_->refuse_gaps) return lane_verdict::gap;
  return lane_verdict::take;
}

lane_verdict lane_in::take(std::uint64_t sender, lane_seq seq, lane_seq base) {
  const auto verdict = judge(sender, seq, base);
  if (verdict == lane_verdict::take) take(sender, seq);
  return verdict;
}

lane_seq lane_in::last(std::uint64_t sender) const {
  const auto found = last_.find(sender);
  return found == last_.end() ? 0 : found->second;
}

std::vector<lane_state> lane_in::pack() const {
  std::vector<lane_state> all;
  for (const auto& [sender, last] : last_) all.push_back({sender, last});
  std::sort(all.begin(), all.end(),
            [](const lane_state& a, const lane_state& b) { return a.sender < b.sender; });
  return all;
}

void lane_in::unpack(const std::vector<lane_state>& states) {
  for (const auto& s : states) {
    auto& last = last_[s.sender];
    last = std::max(last, s.last);
  }
}

void lane_in::keep_only(const std::function<bool(std::uint64_t sender)>& lives) {
  boost::unordered::erase_if(last_, [&](const auto& entry) { return !lives(entry.first); });
}

}  // namespace troupe::sharding
