#include <troupe/testing/probes.hpp>

namespace troupe::testing {

probes::probes(const std::vector<std::string>& must_hit) {
  for (const auto& what : must_hit) must_[what] = true;
}

void probes::hit(std::string_view what, std::uint64_t times) {
  const auto found = hits_.find(what);
  if (found != hits_.end()) {
    found->second += times;
  } else {
    hits_.emplace(what, times);
  }
}

void probes::merge(const probes& other) {
  for (const auto& [what, times] : other.hits_) hit(what, times);
  must_.insert(other.must_.begin(), other.must_.end());
}

std::uint64_t probes::hits(std::string_view what) const {
  const auto found = hits_.find(what);
  return found == hits_.end() ? 0 : found->second;
}

std::vector<std::string> probes::missed() const {
  std::vector<std::string> missed;
  for (const auto& [what, must] : must_) {
    if (hits(what) == 0) missed.push_back(what);
  }
  return missed;
}

}  // namespace troupe::testing
