// The nodes of one cluster on this machine: processes n1, n2, … that share a coordination file.
#pragma once

#include "processes.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chat::demo {

inline constexpr std::chrono::seconds stop_patience{10};   ///< SIGTERM, then SIGKILL
inline constexpr std::chrono::seconds ready_patience{30};  ///< from the start to the ready line

struct node_plan {
  std::string binary;                     ///< path of chat_node
  std::string lease = "5s";               ///< a dead node's guilds are served elsewhere after this
  std::vector<std::uint16_t> http_ports;  ///< one node each
  bool show_logs = true;                  ///< else they go to files in `folder()`
};

/// Owns the processes and a fresh temporary folder with the cluster's file and the logs; the
/// destructor ends the former and removes the latter. One thread.
class node_group {
 public:
  explicit node_group(node_plan plan);
  ~node_group();
  node_group(const node_group&) = delete;
  node_group& operator=(const node_group&) = delete;

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] static std::string name(std::size_t i) { return "n" + std::to_string(i + 1); }
  [[nodiscard]] std::uint16_t port(std::size_t i) const { return plan_.http_ports[i]; }
  [[nodiscard]] pid_t pid(std::size_t i) const { return nodes_[i].process->pid(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Starts node `i`, which must not run. Returns at once; `poll` sees when it is ready.
  void start(std::size_t i);
  /// SIGKILL, and gone when this returns.
  void kill(std::size_t i);

  /// Reads what the nodes print and sees who died. Returns a sentence for each node that ended
  /// although nobody asked for it, once. Never blocks.
  [[nodiscard]] std::vector<std::string> poll();
  /// As `poll`, after waiting up to `patience` for something to happen.
  [[nodiscard]] std::vector<std::string> poll(std::chrono::milliseconds patience);
  /// Every node runs and has printed its ready line.
  [[nodiscard]] bool all_ready() const;
  [[nodiscard]] std::size_t running() const;

  /// SIGTERM to all, SIGKILL to those that still run after `stop_patience`. Returns a sentence for
  /// each node that did not exit with 0.
  [[nodiscard]] std::vector<std::string> stop();

  /// Leaves the folder in place, for somebody to read the logs.
  void keep_folder() { keep_ = true; }

 private:
  struct slot {
    std::unique_ptr<demo::process> process;  // null: does not run and should not
    bool ready = false;
  };

  node_plan plan_;
  std::filesystem::path folder_;
  std::vector<slot> nodes_;
  bool keep_ = false;
};

}  // namespace chat::demo
