// A network of the test's own: a namespace for each node, joined by a switch, to be cut and slowed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace troupe::chaos {

/// Lives in namespaces named after this process, which the destructor removes. Node `i` has the
/// address 10.99.0.<i + 1>. Cuts lose packets silently: both ends' connections stay.
class network {
 public:
  /// Whether this machine lets us; else says why not.
  [[nodiscard]] static std::string obstacle();

  explicit network(std::size_t nodes);
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  [[nodiscard]] std::size_t size() const { return nodes_; }
  /// Put before a command, to run it at node `i`.
  [[nodiscard]] std::vector<std::string> within(std::size_t i) const;
  [[nodiscard]] static std::vector<std::string> settings_of(std::size_t i);

  void cut_one_way(std::size_t from, std::size_t to);
  void cut(std::size_t a, std::size_t b);
  /// What `to` receives comes at a megabit a second.
  void slow(std::size_t to);
  void heal();  ///< cuts and slowness
  /// Of all connections of node `i`; both ends are told.
  void reset(std::size_t i);

 private:
  [[nodiscard]] std::string space(const std::string& name) const;
  void join(std::size_t i);
  void point(std::size_t from, std::size_t to, const std::string& mac);

  std::size_t nodes_;
};

}  // namespace troupe::chaos
