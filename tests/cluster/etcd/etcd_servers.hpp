// An etcd of one or several servers, as processes on loopback in a folder of their own.
#pragma once

#include "processes.hpp"
#include "temporary_folder.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace troupe::sharding {

/// More of etcd's flags, for each server; "{port}" stands for the port for clients.
using etcd_flags = std::vector<std::string>;

/// Runs until it goes. Throws when the servers do not get ready.
class etcd_servers {
 public:
  explicit etcd_servers(std::size_t count, etcd_flags flags = {}, std::string scheme = "http");

  [[nodiscard]] std::string url(std::size_t at) const;
  [[nodiscard]] std::string urls() const;  ///< as `etcd_options::endpoints`
  [[nodiscard]] std::size_t count() const { return servers_.size(); }
  [[nodiscard]] std::size_t leader() const;  ///< throws when there is none for long
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path; }

  void send(std::size_t at, int signal) { servers_[at]->send(signal); }
  void kill(std::size_t at);
  /// Again, with what it had written.
  void start(std::size_t at);
  /// Loses all that a server that was killed had written.
  void forget(std::size_t at) const;
  /// Waits until server `at` answers.
  void wait_ready(std::size_t at) const;
  /// What etcdctl prints; throws when it fails.
  std::string ctl(const std::string& arguments) const;

 private:
  testing_support::temporary_folder folder_;
  std::string scheme_;
  std::vector<std::uint16_t> ports_;
  std::vector<chat::demo::command> commands_;
  std::vector<std::unique_ptr<chat::demo::process>> servers_;
};

}  // namespace troupe::sharding
