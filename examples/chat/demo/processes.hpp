// One child process: started, listened to, signalled, and never outliving us.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace chat::demo {

struct command {
  std::vector<std::string> words;  ///< the program's path first
  std::string error_log;           ///< file to which its standard error is appended; empty: ours
};

/// A started program. Its standard output is a pipe that `new_lines` reads.
///
/// The kernel kills it when our process ends, however that happens; so does the destructor. It
/// gets no open file of ours, and no Ctrl-C from the terminal: it runs in a process group of its
/// own. One thread, the one that lives as long as the program.
class process {
 public:
  /// Throws `failure` when the program cannot be started.
  explicit process(const command& what);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool alive();
  /// "exited with 3" or "was ended by signal 9 (Killed)"; must not be called while `alive`.
  [[nodiscard]] std::string how_it_ended() const;
  [[nodiscard]] bool ended_well() const;  ///< exited with 0

  /// Whole lines of its standard output since the last call. Never blocks.
  [[nodiscard]] std::vector<std::string> new_lines();
  [[nodiscard]] int output() const { return output_; }  ///< to poll for reading

  void send(int signal);
  /// False when it still runs after `patience`.
  [[nodiscard]] bool wait_end(std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string pending_;
  std::optional<int> status_;  // as waitpid gives it
};

}  // namespace chat::demo
