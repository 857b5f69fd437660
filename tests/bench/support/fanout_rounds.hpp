// One event to many, again and again: when the last has it, and how long its sender was busy.
#pragma once

#include "latencies.hpp"
#include "usage.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// One event on its way. The sender sets `begin` and `sent` and then raises `done`; each receiver
/// calls `received`.
struct fanout_round {
  countdown left;
  std::atomic<std::int64_t> begin{0}, sent{0}, last{0};
  gate done;

  void received() {
    if (!left.last()) return;
    last = now_ns();
    done.raise();
  }
};

/// Posts 256 bytes to `n` receivers, at most 200 times and, from the fifth time on, for at most ten
/// seconds; prints the figures.
template <class Post>
void play_fanout(fanout_round& round, long n, const Post& post) {
  constexpr double longest = 10;
  constexpr long fewest = 5;
  const std::string payload(256, 'x');
  std::vector<double> last, busy;
  const auto play = [&] {
    round.left.reset(n);
    post(payload);
    round.done.wait(2);
    last.push_back(static_cast<double>(round.last - round.begin));
    busy.push_back(static_cast<double>(round.sent - round.begin));
  };
  for (int warm = 0; warm < 3; ++warm) play();
  last.clear();
  busy.clear();

  const auto rounds = std::clamp(3'000'000 / n, fewest, 200L);
  const stopwatch watch;
  for (long r = 0; r < rounds && (r < fewest || watch.elapsed().seconds < longest); ++r) play();
  const auto spent = watch.elapsed();
  const auto receivers = static_cast<double>(n);
  const auto deliveries = receivers * static_cast<double>(last.size());
  const auto median = percentile(last, 50);
  const auto name = "fanout_" + std::to_string(n) + "_bin256";
  emit(name + "_deliveries", receivers * 1e9 / median, "1/s");
  emit(name + "_deliveries_cpu", spent.cpu * 1e6 / deliveries, "us_per_op");
  emit(name + "_last_p50", median / 1000, "us");
  emit(name + "_last_p99", percentile(last, 99) / 1000, "us");
  emit(name + "_sender_busy_p50", percentile(busy, 50) / 1000, "us");
}

}  // namespace bench
