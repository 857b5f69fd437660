// Figures on standard output, one a line: `name value unit`.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace bench {

/// Says why there is nothing to measure, and ends the program with status 1. Any thread.
[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::fflush(stdout);
  std::_Exit(1);  // actors may still be running
}

/// Prints a figure that may be zero, as growth can be; gives up when it is negative or not finite.
inline void emit_or_zero(const std::string& name, double value, const char* unit) {
  if (!std::isfinite(value) || value < 0) {
    give_up("the figure " + name + " came out as " + std::to_string(value) +
            ", and it must be finite and not negative; was the size too small?");
  }
  std::printf(value >= 1000 ? "%s %.0f %s\n" : "%s %.4g %s\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

/// Prints a figure that cannot be zero when something was measured.
inline void emit(const std::string& name, double value, const char* unit) {
  if (value == 0) give_up("the figure " + name + " came out as zero; was the size too small?");
  emit_or_zero(name, value, unit);
}

}  // namespace bench
