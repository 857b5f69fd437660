// What happens in a tree of running supervisors: lines in their order, and who is there now.
#pragma once

#include "supervisor_probe.hpp"
#include <troupe/core.hpp>
#include <troupe/core/exit_reason.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace oracle {

using troupe::exit_kind;

class stage;

/// A worker of a running tree: ends as it is told, and writes down that it came and went.
class actor {
 public:
  struct exits {
    std::int32_t how;  // an exit_kind
  };
  using protocol = troupe::protocol<void(exits)>;

  /// Throws while its id's starts are to fail.
  actor(stage* where, std::string id);
  ~actor();
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  void started(troupe::context& ctx);
  void stopping(const troupe::exit_reason& why, troupe::context& ctx);
  void on(exits m, troupe::context& ctx);

 private:
  stage* stage_;
  std::string id_;
  troupe::exit_kind end_ = troupe::exit_kind::killed;  // unless it is told
};

/// Shared by the workers and the supervisors of one tree after another. Any thread.
class stage final : public troupe::supervision::supervisor_probe {
 public:
  using time_point = troupe::supervision::restart_budget::time_point;

  /// Empty, at time zero, for workers of which `deaf` do not stop when they are asked.
  void clear(std::set<std::string> deaf, std::map<std::string, int> fails);
  void fail(const std::string& id, int times);
  void pass(std::chrono::seconds time);

  // Workers.
  [[nodiscard]] bool is_deaf(const std::string& id) const;
  [[nodiscard]] bool may_start(const std::string& id);
  void came(const std::string& id, troupe::actor_ref<actor> who);
  void went(const std::string& id, exit_kind how);
  [[nodiscard]] troupe::actor_ref<actor> find(const std::string& id) const;
  /// Waits for it; false after ten seconds.
  [[nodiscard]] bool is_gone(const std::string& id);

  // Supervisors, by their paths.
  [[nodiscard]] time_point now() override;
  void sees(const std::string& path, const troupe::supervision::supervisor_action& what) override;
  [[nodiscard]] bool is_live(const std::string& path) const;
  /// Of one that lives and has this id; empty: there is none.
  [[nodiscard]] std::string path_of(const std::string& id) const;

  /// How much has happened.
  [[nodiscard]] std::size_t changes() const;
  [[nodiscard]] std::string take_lines();

 private:
  void note(const std::string& line);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string lines_;
  std::size_t changes_ = 0;
  std::set<std::string> deaf_;
  std::map<std::string, int> fails_;
  std::map<std::string, troupe::actor_ref<actor>> workers_;
  std::map<std::string, bool> supervisors_;  // whether they are up
  time_point now_;
};

}  // namespace oracle
