// Everything that happened in a run, as one number, and its end as text.
#pragma once

#include <troupe/testing/random_source.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace troupe::testing {

/// Two runs with equal hashes did the same. Texts are kept only if asked for.
class trace {
 public:
  /// `what` and its values count, in order, and so does the time.
  void add(sim_time when, std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0,
           std::uint64_t c = 0);
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// From now on, the last `lines` entries.
  void keep(std::size_t lines) { kept_most_ = lines; }
  [[nodiscard]] const std::deque<std::string>& kept() const noexcept { return kept_; }
  /// A line for people only, if lines are kept.
  void note(sim_time when, std::string_view text);
  [[nodiscard]] bool keeps() const noexcept { return kept_most_ != 0; }

 private:
  void keep_line(std::string line);

  std::uint64_t hash_ = 0;
  std::uint64_t size_ = 0;
  std::size_t kept_most_ = 0;
  std::deque<std::string> kept_;
};

}  // namespace troupe::testing
