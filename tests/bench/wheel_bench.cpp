// What a timer costs with a million of them waiting, and how late the clock is: one line each,
// `name value unit`.
#include "runtime/alarm_clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace troupe::runtime;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t count = 1'000'000;
constexpr int rounds = 7;

struct forty_bytes {
  std::uint64_t words[5];
};

double nanoseconds_each(clock_type::time_point since) {
  const std::chrono::duration<double, std::nano> spent = clock_type::now() - since;
  return spent.count() / static_cast<double>(count);
}

double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const char* name, std::vector<double> values, const char* unit) {
  std::sort(values.begin(), values.end());
  std::printf("%s %.1f %s (%.1f to %.1f)\n", name, values[values.size() / 2], unit, values.front(),
              values.back());
}

/// In the order in which timers of real programs end: not that in which they began.
std::vector<std::uint64_t> random_ticks(std::mt19937_64& random) {
  std::vector<std::uint64_t> due(count);
  for (auto& d : due) d = 1 + random() % 20'000;
  return due;
}

void measure_wheel() {
  std::mt19937_64 random{1};
  std::vector<double> bytes, first, cancel, add, fire;
  for (int round = 0; round < rounds; ++round) {
    const auto due = random_ticks(random);
    std::vector<slab_key> keys(count);
    const double before = resident_bytes();
    wheel<forty_bytes> w;
    auto start = clock_type::now();
    for (std::size_t i = 0; i < count; ++i) keys[i] = w.add(due[i], {});
    first.push_back(nanoseconds_each(start));
    if (round == 0) bytes.push_back((resident_bytes() - before) / count);

    std::shuffle(keys.begin(), keys.end(), random);
    start = clock_type::now();
    for (const slab_key key : keys) (void)w.cancel(key);
    cancel.push_back(nanoseconds_each(start));

    start = clock_type::now();
    for (const auto d : due) (void)w.add(d, {});
    add.push_back(nanoseconds_each(start));

    start = clock_type::now();
    for (std::uint64_t now = 0; w.size() > 0; ++now) {
      while (w.advance(now, 128, [](forty_bytes&&) {})) {
      }
    }
    fire.push_back(nanoseconds_each(start));
  }
  print("wheel_bytes_per_timer", bytes, "bytes");
  print("wheel_add_fresh", first, "ns");
  print("wheel_add_scattered", add, "ns");
  print("wheel_cancel_scattered", cancel, "ns");
  print("wheel_fire_scattered", fire, "ns");
}

/// Times in steps of a microsecond.
class histogram {
 public:
  void add(clock_type::duration time) {
    const auto step = static_cast<std::size_t>(time / 1us);
    ++counts_[std::min(step, counts_.size() - 1)];
    ++all_;
  }
  /// The time within which this part of all lies.
  [[nodiscard]] double milliseconds(double part) const {
    auto left = static_cast<std::uint64_t>(part * static_cast<double>(all_ - 1));
    std::size_t step = 0;
    while (left >= counts_[step]) left -= counts_[step++];
    return static_cast<double>(step) / 1e3;
  }
  void print(const char* name) const {
    std::printf("%s_p50 %.3f ms\n%s_p99 %.3f ms\n%s_p999 %.3f ms\n%s_max %.3f ms\n", name,
                milliseconds(0.5), name, milliseconds(0.99), name, milliseconds(0.999), name,
                milliseconds(1));
  }

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(1'000'000);
  std::uint64_t all_ = 0;
};

/// How late a thread is that does nothing but sleep for a millisecond: the machine's own part.
histogram sleeper(clock_type::time_point start, clock_type::duration time) {
  histogram late;
  for (auto due = start; due < start + time; due += 1ms) {
    std::this_thread::sleep_until(due);
    late.add(clock_type::now() - due);
  }
  return late;
}

/// Alarms that set themselves again for nine to eleven seconds later: a million wait all the time,
/// and 100 000 are due a second, which lie scattered in memory.
class churn {
 public:
  explicit churn(alarm_clock& clock) : clock_(clock) {}

  /// All, due within ten seconds after `start`.
  void begin(clock_type::time_point start) {
    for (std::size_t i = 0; i < count; ++i) set(start + random_() % 10'000'000 * 1us);
  }
  [[nodiscard]] std::uint64_t so_far() const { return fired_; }
  /// Once the clock is closed.
  [[nodiscard]] const histogram& late() const { return late_; }

 private:
  void set(clock_type::time_point due) {
    static constexpr alarm_kind kind{
        [](const alarm_call&) noexcept {},
        [](const alarm_call& a) noexcept { static_cast<churn*>(a.object)->fired(a); },
        [](const alarm_call&) noexcept {}};
    const auto word = static_cast<std::uint64_t>(due.time_since_epoch().count());
    (void)clock_.add(due, {&kind, this, {word, 0}}, random_());
  }
  void fired(const alarm_call& a) {
    const auto time = clock_type::now();
    const clock_type::time_point due{clock_type::duration{static_cast<std::int64_t>(a.words[0])}};
    if (time < due) {
      std::fprintf(stderr, "an alarm was early\n");
      std::exit(1);
    }
    late_.add(time - due);
    ++fired_;
    set(time + 9s + random_() % 2'000'000 * 1us);
  }

  alarm_clock& clock_;
  std::mt19937_64 random_{1};
  histogram late_;
  std::atomic<std::uint64_t> fired_{0};
};

void measure_lateness() {
  constexpr auto time = 15s;
  alarm_clock clock{8};
  churn alarms{clock};
  const auto start = clock_type::now() + 5s;
  alarms.begin(start);
  std::this_thread::sleep_until(start);
  const double cpu = cpu_seconds();
  const std::uint64_t before = alarms.so_far();
  const histogram machine = sleeper(start, time);
  const auto fired = static_cast<double>(alarms.so_far() - before);
  const double spent = cpu_seconds() - cpu;
  clock.close();
  std::printf("clock_fire_rate %.0f 1/s\n", fired / std::chrono::duration<double>{time}.count());
  std::printf("clock_fire_and_set_again_cpu %.0f ns\n", 1e9 * spent / fired);
  alarms.late().print("clock_late");
  machine.print("sleeping_thread_late");
}

/// What a request with a deadline pays: an alarm that is cancelled when the answer comes.
double add_and_cancel(alarm_clock& clock, std::size_t hint) {
  static constexpr alarm_kind kind{[](const alarm_call&) noexcept {},
                                   [](const alarm_call&) noexcept {},
                                   [](const alarm_call&) noexcept {}};
  const auto due = clock_type::now() + 5s;
  const auto start = clock_type::now();
  for (std::size_t i = 0; i < count; ++i) {
    (void)clock.cancel(clock.add(due, {&kind, nullptr, {}}, hint));
  }
  return nanoseconds_each(start);
}

void measure_callers() {
  alarm_clock clock{8};
  std::vector<double> alone, beside;
  for (int round = 0; round < rounds; ++round) {
    alone.push_back(add_and_cancel(clock, 0));
    std::thread other{[&clock] { (void)add_and_cancel(clock, 1); }};
    beside.push_back(add_and_cancel(clock, 0));
    other.join();
  }
  print("clock_add_and_cancel", alone, "ns");
  print("clock_add_and_cancel_beside_another_thread", beside, "ns");
}

void measure_idling() {
  const alarm_clock clock{8};
  std::this_thread::sleep_for(50ms);
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  std::this_thread::sleep_for(1s);
  getrusage(RUSAGE_SELF, &after);
  std::printf("clock_idle_wakes %ld 1/s\n", after.ru_nvcsw - before.ru_nvcsw - 1);
}

}  // namespace

int main() {
  measure_wheel();
  measure_lateness();
  measure_callers();
  measure_idling();
}
