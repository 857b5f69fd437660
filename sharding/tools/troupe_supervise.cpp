// troupe_supervise [--restart] [--] program arguments…: a parent that ends the leases of the nodes
// in `program` the moment it dies, so that the others take over in milliseconds.
#include <troupe/sharding/lease_guard.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <poll.h>
#include <string_view>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;
using troupe::sharding::lease_guard;

constexpr auto end_patience = 5s;  // for stores that do not answer when the child is dead
constexpr milliseconds first_pause{100}, longest_pause{10'000};  // before the next start
constexpr auto healthy = 60s;  // a child that lived this long starts with the first pause again
constexpr int usage_error = 64, system_error = 71;

constexpr const char* usage =
    "usage: troupe_supervise [--restart] [--] program arguments...\n\n"
    "Starts the program and exits with its status, or with 128 + the signal that ended it.\n"
    "The moment it is dead the leases of the troupe nodes in it are ended, and the other nodes of\n"
    "their clusters take over. SIGTERM, SIGINT and SIGHUP are passed on.\n\n"
    "  --restart   starts the program again unless it exits with 0 or was told to end; after\n"
    "              0.1 s, then twice as long each time, at most 10 s\n";

void say(const std::string& what) {
  std::cerr << "troupe_supervise: " << what << '\n';
}

void say_all(const std::vector<troupe::error>& wrong) {
  for (const auto& e : wrong) say(to_string(e));
}

sigset_t watched_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&set, signal);
  return set;
}

pid_t start(char** command, const lease_guard& guard) {
  const sigset_t watched = watched_signals();
  const pid_t child = ::fork();
  if (child != 0) return child;
  guard.let_inherit();
  ::sigprocmask(SIG_UNBLOCK, &watched, nullptr);
  ::execvp(command[0], command);
  const int why = errno;
  say(std::string{"cannot run "} + command[0] + ": " + std::strerror(why));
  ::_exit(why == ENOENT ? 127 : 126);
}

class supervisor {
 public:
  explicit supervisor(int signals) : signals_(signals) {}

  // Starts the program and waits for its end; what waitpid says of it.
  std::optional<int> run(char** command) {
    child_ = start(command, guard_);
    if (child_ < 0) {
      say(std::string{"cannot start a process: "} + std::strerror(errno));
      return std::nullopt;
    }
    int status = 0;
    while (::waitpid(child_, &status, WNOHANG) == 0) wait(-1ms);
    child_ = -1;
    give_back();
    return status;
  }

  // Takes in what children tell and passes on signals, until something happens or for `limit`.
  void wait(milliseconds limit) {
    pollfd events[] = {{signals_, POLLIN, 0}, {guard_.fd(), POLLIN, 0}};
    if (::poll(events, 2, static_cast<int>(limit.count())) <= 0) return;
    // Signals first: a store that does not answer must not keep a death waiting.
    if (events[0].revents != 0) {
      take_signal();
    } else {
      say_all(guard_.take_in());
    }
  }

  [[nodiscard]] bool told_to_end() const { return told_to_end_; }
  [[nodiscard]] const std::string& variable() const { return guard_.value(); }

 private:
  void take_signal() {
    signalfd_siginfo one{};
    if (::read(signals_, &one, sizeof one) != sizeof one) return;
    const int signal = static_cast<int>(one.ssi_signo);
    if (signal == SIGCHLD) return;
    told_to_end_ |= signal != SIGHUP;
    // What the terminal sends, by its keys, it sends to the child as well.
    const bool of_terminal = one.ssi_code == SI_KERNEL;
    if (child_ > 0 && !of_terminal) ::kill(child_, signal);
  }

  void give_back() {
    const auto until = clock_type::now() + end_patience;
    auto wrong = guard_.end_all();
    for (; guard_.leases() > 0 && clock_type::now() < until; wrong = guard_.end_all()) wait(100ms);
    say_all(wrong);
    if (guard_.leases() > 0)
      say("leases that could not be ended: they end when their time is over");
  }

  const int signals_;
  lease_guard guard_;
  pid_t child_ = -1;
  bool told_to_end_ = false;
};

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run(char** command, bool restart) {
  const sigset_t watched = watched_signals();
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  supervisor parent{::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)};
  ::setenv(lease_guard::variable, parent.variable().c_str(), 1);
  for (milliseconds pause = first_pause;;) {
    const auto begun = clock_type::now();
    const auto status = parent.run(command);
    if (!status) return system_error;
    if (!restart || *status == 0 || parent.told_to_end()) return exit_status(*status);
    if (clock_type::now() - begun > healthy) pause = first_pause;
    say("the program ended with status " + std::to_string(exit_status(*status)) +
        ", it is started again in " + std::to_string(pause.count()) + " ms");
    const auto until = clock_type::now() + pause;
    pause = std::min(2 * pause, longest_pause);
    for (auto left = 1ms; left > 0ms && !parent.told_to_end();) {
      left = std::chrono::ceil<milliseconds>(until - clock_type::now());
      if (left > 0ms) parent.wait(left);
    }
    if (parent.told_to_end()) return exit_status(*status);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool restart = false;
  int at = 1;
  for (; at < argc && argv[at][0] == '-'; ++at) {
    const std::string_view word = argv[at];
    if (word == "--help" || word == "-h") {
      std::cout << usage;
      return 0;
    }
    if (word == "--") {
      ++at;
      break;
    }
    if (word != "--restart") {
      say("unknown option " + std::string{word});
      std::cerr << usage;
      return usage_error;
    }
    restart = true;
  }
  if (at >= argc) {
    say("no program is named");
    std::cerr << usage;
    return usage_error;
  }
  try {
    return run(argv + at, restart);
  } catch (const std::system_error& e) {
    say(e.what());
    return system_error;
  }
}
