#include "ownership/commit_gate.hpp"

#include <utility>

namespace troupe::sharding {

void commit_gate::begin(std::uint64_t epoch, std::uint64_t position) {
  epoch_ = epoch;
  position_ = position;
  under_way_ = false;
  in_flight_ = 0;
  held_.clear();
}

gate_result commit_gate::add(std::string event, std::uint64_t output) {
  gate_result result;
  if (!rules_->output_gate) {
    result.released.push_back(output);
    output = 0;
  }
  held_.push_back({std::move(event), output});
  release_free(result);
  if (!under_way_) send(result);
  return result;
}

/// What depends on nothing that is not durable.
void commit_gate::release_free(gate_result& result) {
  while (in_flight_ == 0 && !held_.empty() && held_.front().event.empty()) {
    if (held_.front().output != 0) result.released.push_back(held_.front().output);
    held_.pop_front();
  }
}

void commit_gate::send(gate_result& result) {
  if (held_.empty()) return;
  journal_append append{++last_request_, epoch_, position_, {}};
  for (const auto& h : held_) {
    if (!h.event.empty()) append.events.push_back(h.event);
  }
  in_flight_ = held_.size();
  under_way_ = true;
  result.append = std::move(append);
}

gate_result commit_gate::taken(std::uint64_t request) {
  gate_result result;
  if (!under_way_ || (request != last_request_ && rules_->match_answers)) return result;
  under_way_ = false;
  for (; in_flight_ > 0; --in_flight_) {
    if (!held_.front().event.empty()) ++position_;
    if (held_.front().output != 0) result.released.push_back(held_.front().output);
    held_.pop_front();
  }
  release_free(result);
  send(result);
  return result;
}

bool commit_gate::failed(std::uint64_t request) const noexcept {
  return under_way_ && (request == last_request_ || !rules_->match_answers);
}

}  // namespace troupe::sharding
