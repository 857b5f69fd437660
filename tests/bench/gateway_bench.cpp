// How fast the chat's gateway sends one frame to a thousand WebSockets, and what a delivery costs
// its thread.
#include "../chat/raw_client.hpp"
#include "gateway.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fcntl.h>
#include <mutex>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <thread>
#include <time.h>
#include <vector>

namespace {

using namespace std::chrono_literals;
using chat::testing::raw_client;

constexpr std::size_t clients = 1000;
constexpr std::size_t frame_bytes = 200;
constexpr int rounds = 200;  // frames to each client in one run
constexpr int runs = 5;

double seconds(const timespec& t) {
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

double cpu_of(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return seconds(t);
}

/// Reads and counts whatever comes for all clients, in a thread of its own.
class drain {
 public:
  explicit drain(const std::vector<std::unique_ptr<raw_client>>& all) : epoll_(::epoll_create1(0)) {
    for (const auto& client : all) {
      ::fcntl(client->descriptor(), F_SETFL, O_NONBLOCK);
      epoll_event event{EPOLLIN, {.fd = client->descriptor()}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client->descriptor(), &event);
    }
    thread_ = std::thread([this] { read_all(); });
  }
  ~drain() {
    stop_ = true;
    thread_.join();
    ::close(epoll_);
  }
  drain(const drain&) = delete;
  drain& operator=(const drain&) = delete;

  /// False when they have not come within a minute.
  bool wait_for(std::uint64_t bytes) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return read_ >= bytes; });
  }

 private:
  void read_all() {
    epoll_event ready[256];
    char some[65536];
    while (!stop_) {
      const int count = ::epoll_wait(epoll_, ready, 256, 100);
      std::uint64_t got = 0;
      for (int i = 0; i < count; ++i) {
        const auto n = ::recv(ready[i].data.fd, some, sizeof some, 0);
        if (n > 0) got += static_cast<std::uint64_t>(n);
      }
      const std::lock_guard lock(mutex_);
      read_ += got;
      changed_.notify_one();
    }
  }

  int epoll_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t read_ = 0;
};

/// Opened connections, and the CPU clock of the gateway's thread.
struct audience {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<chat::connection>> members;
  clockid_t thread_clock{};

  chat::gateway_events events() {
    chat::gateway_events e;
    e.get = [](std::string_view, const auto&) { return chat::http_answer{}; };
    e.accept = [](std::string_view) { return true; };
    e.received = [](const auto&, std::string_view) {};
    e.closed = [](const auto&) {};
    e.opened = [this](const auto& who) {
      const std::lock_guard lock(mutex);
      ::pthread_getcpuclockid(::pthread_self(), &thread_clock);
      members.push_back(who);
      changed.notify_all();
    };
    return e;
  }
};

struct figures {
  double rate, cpu;
};

/// One frame to everybody, `rounds` times; the next when the last has arrived at all, or at once.
figures measure(audience& hall, drain& ears, std::uint64_t& expected, bool wait_each) {
  const auto frame = chat::make_frame(std::string(frame_bytes - 4, 'x'));
  const double cpu = cpu_of(hall.thread_clock);
  const auto start = std::chrono::steady_clock::now();
  for (int n = 0; n < rounds; ++n) {
    for (const auto& to : hall.members) to->send(frame);
    expected += frame->size() * hall.members.size();
    if (wait_each && !ears.wait_for(expected)) std::exit(1);
  }
  if (!ears.wait_for(expected)) std::exit(1);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double deliveries = double(rounds) * double(hall.members.size());
  return {deliveries / took.count(), (cpu_of(hall.thread_clock) - cpu) / deliveries};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void report(audience& hall, drain& ears, std::uint64_t& expected, bool wait_each) {
  std::vector<double> rates, costs;
  for (int n = 0; n < runs; ++n) {
    const auto [rate, cpu] = measure(hall, ears, expected, wait_each);
    rates.push_back(rate);
    costs.push_back(cpu * 1e9);
  }
  const char* kind = wait_each ? "_paced" : "";
  std::printf("ws_fanout_rate%s %.0f deliveries/s\n", kind, median(rates));
  std::printf("ws_cpu_per_delivery%s %.0f ns\n", kind, median(costs));
}

}  // namespace

int main() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  audience hall;
  chat::gateway_options options;
  options.listen.port = 0;
  options.backlog_bytes = 64u << 20;
  options.silence = options.ping = 600s;
  auto door = chat::gateway::open(options, hall.events());
  if (!door.ok()) return std::fprintf(stderr, "%s\n", door.why().what.c_str()), 1;

  std::vector<std::unique_ptr<raw_client>> all;
  for (std::size_t i = 0; i < clients; ++i) {
    all.push_back(std::make_unique<raw_client>((*door)->listening()));
    all.back()->upgrade();
  }
  {
    std::unique_lock lock(hall.mutex);
    if (!hall.changed.wait_for(lock, 60s, [&] { return hall.members.size() == clients; })) return 1;
  }
  drain ears(all);
  std::uint64_t expected = 0;
  report(hall, ears, expected, true);
  report(hall, ears, expected, false);
}
