// Links over loopback, both nodes in this process: how fast, at what cost, how soon. `name value
// unit`.
#include "net/links.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
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

/// Two nodes; `b` counts what `a` says, or says it back.
struct pair {
  explicit pair(bool echo)
      : b(open("b", log,
               {[this, echo](const std::string& from, std::string_view frame) {
                  if (echo) {
                    (void)b->send(from, frame);
                  } else if (++arrived == frames) {
                    arrived = 0;
                    done.add();
                  }
                },
                [this](const std::string&, bool up) { ready.add(up ? 1 : 0); }})),
        a(open("a", log,
               {[this](const std::string&, std::string_view) { done.add(); },
                [this](const std::string&, bool up) { ready.add(up ? 1 : 0); }})) {
    a->set_peers({{"b", 1, b->listening()}});
    b->set_peers({{"a", 1, a->listening()}});
    ready.wait(2);
  }

  logger log{"bench", {"warn"}};
  progress ready;
  progress done;
  std::size_t arrived = 0;  // b's net thread only
  std::unique_ptr<net::links> b;
  std::unique_ptr<net::links> a;
};

void one_way() {
  pair nodes{false};
  const std::string frame(frame_size, 'x');
  std::vector<double> rates;
  std::vector<double> costs;
  for (int round = 1; round <= rounds; ++round) {
    const auto begin = clock_type::now();
    const double cpu = cpu_seconds();
    for (std::size_t i = 0; i < frames; ++i) {
      while (nodes.a->send("b", frame) == errc::overloaded) std::this_thread::yield();
    }
    nodes.done.wait(static_cast<std::size_t>(round));
    const std::chrono::duration<double> took = clock_type::now() - begin;
    rates.push_back(frames / took.count());
    costs.push_back((cpu_seconds() - cpu) * 1e9 / frames);
  }
  std::printf("links_one_way_rate %.0f frames/s\n", median(rates));
  std::printf("links_cpu_per_frame %.0f ns\n", median(costs));
}

void round_trip() {
  pair nodes{true};
  const std::string frame(frame_size, 'x');
  std::vector<double> micros;
  for (std::size_t i = 1; i <= trips; ++i) {
    const auto begin = clock_type::now();
    (void)nodes.a->send("b", frame);
    nodes.done.wait(i);
    micros.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
  }
  std::printf("links_round_trip_p50 %.1f us\n", median(micros));
}

}  // namespace

int main() {
  one_way();
  round_trip();
}
