#include "processes.hpp"

#include "failure.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace chat::demo {
namespace {

constexpr std::size_t longest_line = 64u << 10;  // bytes; a longer one is given out in pieces

/// Runs in the child, between fork and exec: only calls that are safe there.
void become_child(pid_t parent, int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent ended before the line above
  ::setpgid(0, 0);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::dup2(output, STDOUT_FILENO);
  if (errors >= 0) ::dup2(errors, STDERR_FILENO);
  // Clients' sockets must not live on in a node: their closing would go unnoticed.
  ::syscall(SYS_close_range, 3u, ~0u, 0u);
}

int open_log(const std::string& path) {
  if (path.empty()) return -1;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw failure{"the log file " + path + " cannot be opened: " + std::strerror(errno)};
  return fd;
}

}  // namespace

process::process(const command& what) {
  if (::access(what.words.front().c_str(), X_OK) != 0) {
    throw failure{what.words.front() + " cannot be started: " + std::strerror(errno) +
                  "; build it, or say where it is with --node-binary"};
  }
  std::vector<char*> words;
  for (const auto& word : what.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int errors = open_log(what.error_log);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw failure{std::string{"no pipe: "} + std::strerror(errno)};

  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    become_child(parent, ends[1], errors);
    ::execv(words.front(), words.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (errors >= 0) ::close(errors);
  output_ = ends[0];
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
  if (pid_ < 0) {
    ::close(output_);
    throw failure{"no new process for " + what.words.front() + ": " + std::strerror(errno)};
  }
}

process::~process() {
  if (alive()) {
    send(SIGKILL);
    int ignored = 0;
    ::waitpid(pid_, &ignored, 0);
  }
  ::close(output_);
}

bool process::alive() {
  if (status_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return !status_;
}

std::string process::how_it_ended() const {
  const int status = status_.value();
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "was ended by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "exited with " + std::to_string(WEXITSTATUS(status));
}

bool process::ended_well() const {
  return status_ && WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0;
}

std::vector<std::string> process::new_lines() {
  std::array<char, 4096> chunk{};
  std::vector<std::string> lines;
  for (ssize_t n = 0; (n = ::read(output_, chunk.data(), chunk.size())) > 0;) {
    pending_.append(chunk.data(), static_cast<std::size_t>(n));
    for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;) {
      lines.push_back(pending_.substr(0, end));
      pending_.erase(0, end + 1);
    }
    if (pending_.size() > longest_line) lines.push_back(std::exchange(pending_, {}));
  }
  return lines;
}

void process::send(int signal) {
  if (alive()) ::kill(pid_, signal);
}

bool process::wait_end(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (alive()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    (void)new_lines();  // a child that writes must not wait for us
    ::poll(nullptr, 0, 10);
  }
  return true;
}

}  // namespace chat::demo
