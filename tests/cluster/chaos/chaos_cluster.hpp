// Chaos nodes as processes that share a store, driven by lines, and the journals they leave.
#pragma once

#include "history.hpp"
#include "processes.hpp"
#include "temporary_folder.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace troupe::chaos {

using std::chrono::milliseconds;

inline constexpr milliseconds order_patience{40'000};

struct chaos_plan {
  std::size_t nodes = 3;  ///< n1, n2, …
  milliseconds lease{1000};
  milliseconds pause{8};              ///< between rounds of the load
  std::chrono::microseconds work{0};  ///< of a log, for each message
  bool supervised = false;            ///< below `troupe_supervise --restart`
  bool faster_links = false;          ///< a silent peer is given up after 600 ms
  std::vector<std::string> settings;  ///< of all; else a sqlite file in the folder is the store
  /// Put before a node's command, to run it elsewhere.
  std::function<std::vector<std::string>(std::size_t)> within;
  /// More settings of one node.
  std::function<std::vector<std::string>(std::size_t)> settings_of;
};

/// What a node says of its cluster.
struct node_view {
  bool serving = false;
  std::size_t ring = 0, up = 0, reachable = 0, misplaced = 0;
  std::uint64_t epoch = 0;
};

/// Owns processes and folder. What goes wrong throws std::runtime_error. One thread.
class chaos_cluster {
 public:
  explicit chaos_cluster(chaos_plan plan);
  ~chaos_cluster();
  chaos_cluster(const chaos_cluster&) = delete;
  chaos_cluster& operator=(const chaos_cluster&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path; }
  [[nodiscard]] std::filesystem::path store_file() const { return folder() / "cluster.db"; }
  [[nodiscard]] bool runs(std::size_t i) const { return nodes_[i].process != nullptr; }
  [[nodiscard]] std::size_t running() const;
  [[nodiscard]] std::string log_of(std::size_t i) const;

  /// Starts node `i` and waits until it is a member; with the load, if that is on.
  void start(std::size_t i);
  /// SIGTERM; waits until it has left, and says how: "exited with 0".
  std::string terminate(std::size_t i);
  /// SIGKILL to the node itself. Without a parent that starts it again it does not run now.
  void kill(std::size_t i);
  /// Node `i` was just killed: what node `witness` knows as owned by it, of this key, was lost with
  /// it, though it may have had no time to journal that it arrived.
  void blame(std::size_t i, std::uint32_t key, std::size_t witness);
  void pause(std::size_t i);   ///< SIGSTOP
  void resume(std::size_t i);  ///< SIGCONT
  /// What node `i` holds may be lost: it may lose its lease now.
  void excuse(std::size_t i);
  void excuse_all();
  /// Waits for what a parent has started after a kill.
  void wait_restarted(std::size_t i);
  /// Who owns the entity of this type, as node `i` knows it.
  std::string owner(std::size_t i, const std::string& type, std::uint32_t key);

  void load_on();
  void load_off();  ///< of those that run
  /// What node `i` answers to a command, after the command's name; none after `patience`.
  std::optional<std::string> ask(std::size_t i, const std::string& command,
                                 milliseconds patience = order_patience);
  std::optional<node_view> view_of(std::size_t i);
  /// All that run serve in one view of them, reach each other, and have the shards it gives them.
  bool settled();
  bool wait_settled(milliseconds limit);
  /// Until each log has answered node `i`.
  milliseconds probe(std::size_t i);

  /// The log and the register of this key move to node `to` and stay there, or back; by node `i`.
  /// "ok", or why not.
  std::string promote(std::size_t i, std::uint32_t key, std::size_t to);
  void begin_promote(std::size_t i, std::uint32_t key, std::size_t to);
  std::string end_promote(std::size_t i);
  std::string demote(std::size_t i, std::uint32_t key);

  /// Stops the load, waits until all that was sent has arrived, ends all, and looks.
  findings judge();

 private:
  struct member {
    std::unique_ptr<::chat::demo::process> process;  // null: does not run
    int input = -1;
    pid_t pid = 0;  // of the node itself
    std::vector<std::string> said;
  };

  [[nodiscard]] std::vector<std::string> command(std::size_t i) const;
  [[nodiscard]] std::filesystem::path input_of(std::size_t i) const;
  std::optional<std::string> wait_line(std::size_t i, const std::string& name,
                                       milliseconds patience);
  void wait_ready(std::size_t i);
  std::string end_orders(std::size_t i, const std::string& name);
  void send(std::size_t i, const std::string& line);

  chaos_plan plan_;
  testing_support::temporary_folder folder_;
  std::vector<member> nodes_;
  excuses allowed_;
  std::vector<record> unsaid_;
  bool load_ = false;
};

}  // namespace troupe::chaos
