// What a stretch of work takes of this process: time, CPU time of all threads, resident memory.
#pragma once

#include "figure.hpp"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <time.h>
#include <utility>

namespace bench {

constexpr double mebibyte = 1024.0 * 1024.0;

/// Nanoseconds of a clock that only goes forward; the same on all threads.
inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// CPU seconds of all threads of this process so far.
inline double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// A line of /proc/self/status, as `VmRSS:`, in bytes.
inline double status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kib = 0;
    if (word == key && status >> kib) return kib * 1024;
  }
  give_up("/proc/self/status has no " + key);
}

inline double rss_bytes() {
  return status_bytes("VmRSS:");
}
/// The most that was ever resident.
inline double peak_rss_bytes() {
  return status_bytes("VmHWM:");
}

struct cost {
  double seconds = 0;
  double cpu = 0;

  cost& operator+=(const cost& more) {
    seconds += more.seconds;
    cpu += more.cpu;
    return *this;
  }
};

/// A running measurement.
class stopwatch {
 public:
  [[nodiscard]] cost elapsed() const {
    return {static_cast<double>(now_ns() - begin_) * 1e-9, cpu_seconds() - cpu_};
  }

 private:
  double cpu_ = cpu_seconds();
  std::int64_t begin_ = now_ns();
};

template <class Work>
cost measure(Work&& work) {
  const stopwatch watch;
  std::forward<Work>(work)();
  return watch.elapsed();
}

/// How many operations a second, and the CPU time of each (`_cpu`), which holds on a machine that
/// others use as well.
inline void emit_rate(const std::string& name, double operations, cost of, const char* unit) {
  emit(name, operations / of.seconds, unit);
  emit(name + "_cpu", of.cpu * 1e6 / operations, "us_per_op");
}

}  // namespace bench
