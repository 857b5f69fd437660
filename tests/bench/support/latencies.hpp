// Many latencies: counted in steps of at most 1/64 of their length, and where their percentiles
// lie.
#pragma once

#include "usage.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <sys/mman.h>
#include <vector>

namespace bench {

/// The smallest of `values` that `percent` of them do not exceed.
inline double percentile(std::vector<double> values, double percent) {
  if (values.empty()) give_up("nothing was measured");
  const auto rank =
      static_cast<std::size_t>(std::ceil(static_cast<double>(values.size()) * percent / 100));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Any thread may add, and so may processes that were forked after it was made; each thread counts
/// for itself. Read it when all have added.
class latencies {
 public:
  latencies() {
    void* memory =
        ::mmap(nullptr, sizeof(table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) give_up("there is no memory for latencies");
    counts_ = ::new (memory) table;
  }
  latencies(const latencies&) = delete;
  latencies& operator=(const latencies&) = delete;
  ~latencies() { ::munmap(counts_, sizeof(table)); }

  void add(std::int64_t ns) {
    (*counts_)[thread_slot()][slot_of(ns)].fetch_add(1, std::memory_order_relaxed);
  }

  /// Forgets all, while nobody adds.
  void clear() {
    for (auto& mine : *counts_) {
      for (auto& one : mine) one.store(0, std::memory_order_relaxed);
    }
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t total = 0;
    for (std::size_t s = 0; s < slots; ++s) total += in_slot(s);
    return total;
  }

  /// In microseconds: `_p50`, `_p99`, `_p999` and `_max`.
  void emit_as(const std::string& name) const {
    emit(name + "_p50", at(0.5) / 1000, "us");
    emit(name + "_p99", at(0.99) / 1000, "us");
    emit(name + "_p999", at(0.999) / 1000, "us");
    emit(name + "_max", at(1) / 1000, "us");
  }

 private:
  // Below 64 ns a slot each; from there each power of two is parted into 64.
  static constexpr int part_bits = 6;
  static constexpr std::size_t slots = (64 - part_bits) << part_bits;
  using row = std::array<std::atomic<std::uint32_t>, slots>;
  using table = std::array<row, thread_slots>;

  static std::size_t slot_of(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1));
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - 1 - part_bits);
    return (static_cast<std::size_t>(shift) << part_bits) + (value >> shift);
  }
  /// The middle of a slot.
  static double value_of(std::size_t slot) {
    const std::size_t shift = slot < (2u << part_bits) ? 0 : (slot >> part_bits) - 1;
    const std::size_t first = slot - (shift << part_bits);
    return (static_cast<double>(first) + 0.5 - (shift == 0 ? 0.5 : 0)) * std::exp2(shift);
  }

  [[nodiscard]] std::uint64_t in_slot(std::size_t slot) const {
    std::uint64_t sum = 0;
    for (const auto& mine : *counts_) sum += mine[slot].load(std::memory_order_relaxed);
    return sum;
  }

  /// Nanoseconds that a share of all does not exceed.
  [[nodiscard]] double at(double share) const {
    const auto total = count();
    if (total == 0) give_up("no latency was measured");
    const auto wanted = std::max(1.0, std::ceil(static_cast<double>(total) * share));
    std::uint64_t seen = 0;
    for (std::size_t s = 0; s < slots; ++s) {
      seen += in_slot(s);
      if (static_cast<double>(seen) >= wanted) return value_of(s);
    }
    return value_of(slots - 1);
  }

  table* counts_;
};

}  // namespace bench
