// Which rare branches were reached, and which must be.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::testing {

/// Counts by name. A set of runs in which a branch that must be hit never was, proves less than it
/// seems to. A value; not shared.
class probes {
 public:
  probes() = default;
  explicit probes(const std::vector<std::string>& must_hit);

  void hit(std::string_view what, std::uint64_t times = 1);
  /// What another run has hit, and must hit.
  void merge(const probes& other);

  [[nodiscard]] std::uint64_t hits(std::string_view what) const;
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& all() const noexcept {
    return hits_;
  }
  /// Those that must be hit and never were.
  [[nodiscard]] std::vector<std::string> missed() const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> hits_;
  std::map<std::string, bool, std::less<>> must_;
};

}  // namespace troupe::testing
