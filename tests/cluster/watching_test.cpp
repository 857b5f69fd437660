#include "gate.hpp"
#include "temporary_folder.hpp"
#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::temporary_folder;

struct mortal {
  struct ping {};
  struct link {
    actor_ref<mortal> to;
  };
  using protocol = troupe::protocol<int(ping), int(link)>;
  int on(ping) { return 1; }
  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
};

/// Gives away the address of an actor of its node.
struct host {
  static constexpr auto name = "host";
  struct guest {};
  using protocol = troupe::protocol<actor_ref<mortal>(guest)>;
  actor_ref<mortal> on(guest, context& ctx) { return ctx.spawn<mortal>(); }
};

struct mourner {
  struct watch {
    actor_ref<mortal> whom;
    int times = 1;
  };
  struct gone {
    exit_kind how{};
  };
  struct mourned {};
  using protocol = troupe::protocol<int(watch), void(gone), std::vector<exit_kind>(mourned)>;

  explicit mourner(gate* t) : told(t) {}
  int on(const watch& m, context& ctx) {
    auto refused = errc::ok;
    for (int i = 0; i < m.times && refused == errc::ok; ++i) {
      refused = ctx.watch(m.whom, [](const exit_reason& why) { return gone{why.kind}; });
    }
    return static_cast<int>(refused);
  }
  void on(gone m) {
    all.push_back(m.how);
    (void)told->pass();
  }
  std::vector<exit_kind> on(mourned) { return all; }

  gate* told;
  std::vector<exit_kind> all;
};

node_options options_of(const char* name, const temporary_folder& folder) {
  node_options options;
  options.name = name;
  options.log.level = "off";
  options.cluster.store = "sqlite";
  options.cluster.path = (folder.path / "cluster.db").string();
  options.cluster.lease = 1s;
  options.link.heartbeat = 200ms;
  options.link.silence = 1s;
  return options;
}

/// A node as a process of its own. Made before this one has threads.
class other_process {
 public:
  explicit other_process(const node_options& options) : id_(::fork()) {
    if (id_ == 0) live(options);
  }
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;
  ~other_process() {
    send(SIGKILL);
    (void)::waitpid(id_, nullptr, 0);
  }
  void send(int signal) const { ::kill(id_, signal); }

 private:
  [[noreturn]] static void live(const node_options& options) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto own = node::start(options).value();
    const entities<host> hosts{own};
    for (;;) ::pause();
  }

  const pid_t id_;
};

class WatchingAProcess : public testing::Test {
 protected:
  /// An actor of the other node.
  actor_ref<mortal> guest() {
    for (const auto end = std::chrono::steady_clock::now() + 20s;
         std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(20ms)) {
      for (int i = 0; i < 100; ++i) {
        const auto id = std::to_string(i);
        if (cluster{here}.explain("host", id).owner != "there") continue;
        auto found = hosts[id].ask(host::guest{}, 1s).get();
        if (found) return *found;
        break;
      }
    }
    ADD_FAILURE() << "the other node did not come up";
    return {};
  }
  void expect_one_unreachable() {
    ASSERT_TRUE(told.arrived());
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(watcher.ask(mourner::mourned{}, 5s).value(), std::vector{exit_kind::unreachable});
  }

  gate told;
  temporary_folder folder;
  other_process there{options_of("there", folder)};
  node here = node::start(options_of("here", folder)).value();
  entities<host> hosts{here};
  actor_ref<mourner> watcher = here.spawn<mourner>(&told);
};

TEST_F(WatchingAProcess, OneThatIsKilledIsUnreachableAndToldOnce) {
  told.open();
  const auto whom = guest();
  ASSERT_EQ(watcher.ask(mourner::watch{whom}, 5s).value(), 0);
  ASSERT_EQ(whom.ask(mortal::ping{}, 5s).value(), 1);

  there.send(SIGKILL);

  expect_one_unreachable();
}

TEST_F(WatchingAProcess, OneThatIsFrozenIsUnreachableAndToldOnceAlsoWhenItGoesOn) {
  told.open();
  const auto whom = guest();
  ASSERT_EQ(watcher.ask(mourner::watch{whom}, 5s).value(), 0);
  ASSERT_EQ(whom.ask(mortal::ping{}, 5s).value(), 1);

  there.send(SIGSTOP);
  ASSERT_TRUE(told.arrived());
  there.send(SIGCONT);

  EXPECT_EQ(guest().ask(mortal::ping{}, 5s).value(), 1) << "it is back";
  expect_one_unreachable();
}

/// How long asks took.
class patience {
 public:
  void ask(const actor_ref<mortal>& whom) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(whom.ask(mortal::ping{}, 5s).value(), 1);
    all_.push_back(std::chrono::steady_clock::now() - begin);
  }
  std::string p99() {
    std::ranges::sort(all_);
    const auto at =
        std::chrono::duration_cast<std::chrono::microseconds>(all_.at(all_.size() * 99 / 100));
    return std::to_string(at.count()) + " us of " + std::to_string(all_.size());
  }

 private:
  std::vector<std::chrono::steady_clock::duration> all_;
};

TEST_F(WatchingAProcess, TenThousandWatchesOfOneThatIsKilledAreToldOnceEach) {
  constexpr int many = 10'000;
  told.open();
  const auto whom = guest();
  const auto beside = here.spawn<mortal>();
  ASSERT_EQ(watcher.ask(mourner::watch{whom, many}, 5s).value(), 0);
  ASSERT_EQ(whom.ask(mortal::ping{}, 5s).value(), 1);
  patience before, meanwhile;
  for (int i = 0; i < 1000; ++i) before.ask(beside);

  there.send(SIGKILL);
  std::atomic<bool> over{false};
  std::thread waits{[&] { over = told.arrived(many); }};
  for (const auto end = std::chrono::steady_clock::now() + 20s;
       !over && std::chrono::steady_clock::now() < end;) {
    meanwhile.ask(beside);
  }
  waits.join();

  RecordProperty("ask_p99_before", before.p99());
  RecordProperty("ask_p99_meanwhile", meanwhile.p99());
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(watcher.ask(mourner::mourned{}, 5s).value(), std::vector(many, exit_kind::unreachable));
}

TEST_F(WatchingAProcess, WhoIsLinkedToAnActorOfOneThatIsKilledEnds) {
  told.open();
  const auto whom = guest();
  const auto bound = here.spawn<mortal>();
  ASSERT_EQ(bound.ask(mortal::link{whom}, 5s).value(), 0);
  ASSERT_EQ(watcher.ask(mourner::watch{bound}, 5s).value(), 0);
  ASSERT_EQ(whom.ask(mortal::ping{}, 5s).value(), 1);

  there.send(SIGKILL);

  ASSERT_TRUE(told.arrived());
  EXPECT_EQ(watcher.ask(mourner::mourned{}, 5s).value(), std::vector{exit_kind::crashed});
}

}  // namespace
}  // namespace troupe
