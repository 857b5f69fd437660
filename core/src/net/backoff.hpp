// How long to wait before the next attempt to connect: doubling ceilings, full jitter.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace troupe::net {

/// Pauses between attempts, each drawn evenly from zero to a ceiling that doubles from `first` to
/// `last`.
///
/// Pure: equal seeds give equal pauses. Full jitter, so that the peers of a node that returns do
/// not come back in step.
class backoff {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// A `last` below `first` lowers `first`.
  backoff(milliseconds first, milliseconds last, std::uint64_t seed)
      : first_(std::min(first, last)), last_(last), ceiling_(first_), random_(seed) {}

  /// The pause before the next attempt.
  milliseconds next() {
    std::uniform_int_distribution<milliseconds::rep> draw{0, ceiling_.count()};
    const milliseconds pause{draw(random_)};
    ceiling_ = std::min(ceiling_ * 2, last_);
    return pause;
  }

  /// Starts again with the shortest ceiling.
  void reset() { ceiling_ = first_; }

  [[nodiscard]] milliseconds ceiling() const { return ceiling_; }

 private:
  milliseconds first_;
  milliseconds last_;
  milliseconds ceiling_;
  std::minstd_rand random_;
};

}  // namespace troupe::net
