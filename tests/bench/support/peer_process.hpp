// Other processes of a benchmark: forked from it, told what to do over a line, killed with it.
#pragma once

#include "figure.hpp"
#include "usage.hpp"
#include "waiting.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bench {

/// One end of the line between two processes; takes plain values, whole and in order.
class line {
 public:
  explicit line(int socket) : socket_(socket) {
    const timeval longest{std::chrono::seconds{patience}.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  }
  line(const line&) = delete;
  line& operator=(const line&) = delete;
  ~line() { ::close(socket_); }

  template <class T>
  void say(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (::send(socket_, &value, sizeof value, MSG_NOSIGNAL) != sizeof value) {
      give_up("the other process is gone: " + std::string{std::strerror(errno)});
    }
  }

  /// Waits for the next value; gives up after `patience`, and when the other process is gone.
  template <class T>
  T hear() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    const auto got = ::recv(socket_, &value, sizeof value, 0);
    if (got == 0) give_up("the other process ended before it answered");
    if (got != sizeof value) {
      give_up("nothing usable came from the other process: " + std::string{std::strerror(errno)});
    }
    return value;
  }

 private:
  int socket_;
};

/// A process of its own. Make it before this one has threads; what it shares with this one must be
/// in shared memory. Killed by the destructor, and when this process ends; when it ends before, so
/// does this one, with status 1.
class peer_process {
 public:
  explicit peer_process(const std::function<void(line&)>& life) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
      give_up("socketpair: " + std::string{std::strerror(errno)});
    }
    std::signal(SIGCHLD, [](int) {
      constexpr char why[] = "bench: another process of this benchmark ended\n";
      (void)!::write(STDERR_FILENO, why, sizeof why - 1);
      ::_exit(1);
    });
    std::fflush(stdout);
    const pid_t parent = ::getpid();
    id_ = ::fork();
    if (id_ < 0) give_up("fork: " + std::string{std::strerror(errno)});
    if (id_ == 0) {
      std::signal(SIGCHLD, SIG_DFL);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);  // it ended before we asked to be told
      ::close(ends[0]);
      line own{ends[1]};
      life(own);
      ::_exit(0);
    }
    ::close(ends[1]);
    line_ = std::make_unique<line>(ends[0]);
  }
  peer_process(const peer_process&) = delete;
  peer_process& operator=(const peer_process&) = delete;
  ~peer_process() {
    std::signal(SIGCHLD, SIG_DFL);
    ::kill(id_, SIGKILL);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  [[nodiscard]] line& there() const { return *line_; }

  /// CPU seconds of all its threads so far.
  [[nodiscard]] double cpu_seconds() const {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(id_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
      give_up("the other process has no clock any more");
    }
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  }

 private:
  pid_t id_ = -1;
  std::unique_ptr<line> line_;
};

/// Like `measure`, with the CPU time of these processes added to that of this one.
template <class Work>
cost measure_with(const std::vector<const peer_process*>& others, Work&& work) {
  const auto theirs = [&] {
    double sum = 0;
    for (const auto* one : others) sum += one->cpu_seconds();
    return sum;
  };
  const double before = theirs();
  cost spent = measure(std::forward<Work>(work));
  spent.cpu += theirs() - before;
  return spent;
}

}  // namespace bench
