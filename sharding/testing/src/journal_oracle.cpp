#include <troupe/testing/journal_oracle.hpp>

namespace troupe::testing {

std::vector<std::string> journal_violations(const std::vector<committed>& all) {
  std::vector<std::string> wrong;
  std::map<std::uint64_t, std::string> writers;
  std::map<std::uint64_t, std::uint64_t> last;
  std::uint64_t epoch = 0;
  for (const auto& c : all) {
    const auto at = " in epoch " + std::to_string(c.epoch);
    const auto& writer = writers.try_emplace(c.epoch, c.writer).first->second;
    if (writer != c.writer) wrong.push_back(writer + " and " + c.writer + " both wrote" + at);
    if (c.epoch < epoch) wrong.push_back(c.writer + " wrote after " + std::to_string(epoch) + at);
    epoch = c.epoch;
    auto& before = last[c.sender];
    const auto message = "message " + std::to_string(c.seq) + " of " + std::to_string(c.sender);
    if (c.seq == before) wrong.push_back(message + " was committed twice" + at);
    if (c.seq < before) wrong.push_back(message + " was committed out of order" + at);
    before = c.seq;
  }
  return wrong;
}

std::map<std::uint64_t, std::uint64_t> durable(const std::vector<committed>& all) {
  std::map<std::uint64_t, std::uint64_t> last;
  for (const auto& c : all) {
    auto& l = last[c.sender];
    l = l < c.seq ? c.seq : l;
  }
  return last;
}

}  // namespace troupe::testing
