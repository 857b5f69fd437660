// Links over loopback, both nodes in this process: how fast, at what cost, how soon. `name value
// unit`.
#include "net/links.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t frame_size = 53;
constexpr std::size_t frames = 2'000'000;
constexpr std::size_t trips = 20'000;
constexpr std::size_t payload_size = std::size_t{64} << 10;
constexpr std::size_t payloads = 20'000;
constexpr std::size_t bulk_size = std::size_t{8} << 20;
constexpr std::size_t bulk_ahead = 6;  // messages of that size on their way at once
constexpr std::chrono::seconds beside_bulk{2};
constexpr int rounds = 5;

/// A count that one thread waits for and another raises.
class progress {
 public:
  void add(std::size_t n = 1) {
    const std::lock_guard lock{mutex_};
    count_ += n;
    if (count_ >= goal_) reached_.notify_one();
  }

  void wait(std::size_t goal) {
    std::unique_lock lock{mutex_};
    goal_ = goal;
    if (!reached_.wait_for(lock, std::chrono::seconds{60}, [&] { return count_ >= goal_; })) {
      std::fprintf(stderr, "%zu of %zu arrived within 60 s\n", count_, goal_);
      std::exit(1);
    }
    goal_ = unlimited;
  }

 private:
  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
  std::mutex mutex_;
  std::condition_variable reached_;
  std::size_t count_ = 0;
  std::size_t goal_ = unlimited;
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::unique_ptr<net::links> open(const std::string& name, logger& log, net::link_events events) {
  return net::links::open({"bench", {name, 1, {}}, {}}, log, std::move(events)).value();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Two nodes. `b` says back what is small, and counts what is not; or counts everything.
struct pair {
  explicit pair(bool echo)
      : b(open("b", log,
               {[this, echo](const std::string& from, std::string_view frame) {
                  if (echo && frame.size() <= frame_size) {
                    (void)b->send(from, frame);
                  } else {
                    count(frame.size());
                  }
                },
                [this](const std::string&, bool up) { ready.add(up ? 1 : 0); }})),
        a(open("a", log,
               {[this](const std::string&, std::string_view) { answered.add(); },
                [this](const std::string&, bool up) { ready.add(up ? 1 : 0); }})) {
    a->set_peers({{"b", 1, b->listening()}});
    b->set_peers({{"a", 1, a->listening()}});
    ready.wait(2);
  }

  /// Told in steps of a mebibyte, so that telling costs nothing beside what is measured.
  void count(std::size_t bytes) {
    uncounted += bytes;
    if (uncounted < std::size_t{1} << 20) return;
    arrived.add(uncounted);
    uncounted = 0;
  }

  void send(std::string_view frame) {
    const std::uint64_t to = 1;
    while (a->send("b", frame, {&to, 1}) == errc::overloaded) std::this_thread::yield();
  }

  logger log{"bench", {"warn"}};
  progress ready;
  progress answered;  // frames at a
  progress arrived;   // bytes at b
  progress bulk_flows;
  std::size_t uncounted = 0;  // b's net thread only
  std::unique_ptr<net::links> b;
  std::unique_ptr<net::links> a;
};

struct figures {
  std::vector<double> rates;  // a second
  std::vector<double> costs;  // nanoseconds of CPU each
};

figures stream(std::size_t count, std::size_t size) {
  pair nodes{false};
  const std::string frame(size, 'x');
  const std::size_t told = count * size >> 20 << 20;  // what is told of it at least
  figures found;
  std::size_t sent = 0;
  for (int round = 1; round <= rounds; ++round) {
    const auto begin = clock_type::now();
    const double cpu = cpu_seconds();
    for (std::size_t i = 0; i < count; ++i) nodes.send(frame);
    sent += told;
    nodes.arrived.wait(sent);
    const std::chrono::duration<double> took = clock_type::now() - begin;
    found.rates.push_back(static_cast<double>(count) / took.count());
    found.costs.push_back((cpu_seconds() - cpu) * 1e9 / static_cast<double>(count));
  }
  return found;
}

void one_way() {
  const auto small = stream(frames, frame_size);
  std::printf("links_one_way_rate %.0f frames/s\n", median(small.rates));
  std::printf("links_cpu_per_frame %.0f ns\n", median(small.costs));
  const auto large = stream(payloads, payload_size);
  std::printf("links_64KiB_throughput %.0f MB/s\n", median(large.rates) * payload_size / 1e6);
  std::printf("links_64KiB_cpu %.2f us\n", median(large.costs) / 1e3);
}

/// Microseconds of one small frame there and back after the other, sorted; while `more(so many)`.
template <class More>
std::vector<double> trip_times(pair& nodes, const More& more) {
  const std::string frame(frame_size, 'x');
  std::vector<double> micros;
  for (std::size_t i = 1; more(i); ++i) {
    const auto begin = clock_type::now();
    const std::uint64_t to = 2;
    (void)nodes.a->send("b", frame, {&to, 1});
    nodes.answered.wait(i);
    micros.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
  }
  std::sort(micros.begin(), micros.end());
  return micros;
}

void round_trip() {
  pair nodes{true};
  const double cpu = cpu_seconds();
  const auto micros = trip_times(nodes, [](std::size_t i) { return i <= trips; });
  std::printf("links_round_trip_cpu %.1f us\n", (cpu_seconds() - cpu) * 1e6 / trips);
  std::printf("links_round_trip_p50 %.1f us\n", micros[trips / 2]);
}

void round_trip_beside_bulk() {
  pair nodes{true};
  std::atomic<bool> go{true};
  std::size_t sent = 0;
  const auto begin = clock_type::now();
  std::thread bulk{[&] {
    const std::string large(bulk_size, 'x');
    for (; go; ++sent) {
      if (sent >= bulk_ahead) nodes.arrived.wait((sent - bulk_ahead) * bulk_size);
      nodes.send(large);
      nodes.bulk_flows.add();
    }
  }};
  nodes.bulk_flows.wait(1);
  const auto end = clock_type::now() + beside_bulk;
  const auto micros = trip_times(nodes, [end](std::size_t) { return clock_type::now() < end; });
  go = false;
  bulk.join();
  const std::chrono::duration<double> took = clock_type::now() - begin;
  std::printf("links_round_trip_beside_bulk_p50 %.0f us\n", micros[micros.size() / 2]);
  std::printf("links_round_trip_beside_bulk_p99 %.0f us\n", micros[micros.size() * 99 / 100]);
  std::printf("links_bulk_throughput %.0f MB/s\n",
              static_cast<double>(sent * bulk_size) / took.count() / 1e6);
}

}  // namespace

int main() {
  one_way();
  round_trip();
  round_trip_beside_bulk();
}
