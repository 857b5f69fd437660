// What a check found: its figures, what it complains of, and how both are printed.
#pragma once

#include "ledger.hpp"
#include "playback.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace chat::demo {

/// A check as far as it came. Passed when nothing was complained of.
struct verdict {
  findings found;
  tally total;
  std::vector<micros> latencies;  ///< of the deliveries before the kill
  std::optional<steady::duration> recovery, rejoin;
  steady::duration took{};
  std::size_t guilds = 0, users = 0, lines = 0;
  std::vector<std::string> complaints;

  void complain(std::string sentence) { complaints.push_back(std::move(sentence)); }
  /// Adds what was found in `period`; complains unless it is clean.
  void judge(const std::string& period, const findings& in_period);
  /// Complains of each sentence.
  void judge(const std::string& period, const std::vector<std::string>& wrong);
  [[nodiscard]] bool passed() const { return complaints.empty() && total.unanswered == 0; }
};

/// One figure a line on standard output, then "check passed" or "check failed: " and why.
void print(verdict v);

}  // namespace chat::demo
