// The children of one supervisor, in the order in which they were added, found by key or id.
#pragma once

#include <troupe/supervision/supervisor_events.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::supervision {

enum class child_state : std::uint8_t { absent, starting, running, stopping, restarting };

[[nodiscard]] std::string_view to_string(child_state state) noexcept;

/// Started, or about to be, and not known to have ended.
[[nodiscard]] constexpr bool is_live(child_state state) noexcept {
  return state != child_state::absent && state != child_state::restarting;
}

struct supervised {
  child_policy policy;
  child_state state = child_state::absent;
  std::uint64_t run = 0;
  std::uint64_t starts = 0;
  std::uint64_t timer = 0;         ///< set outside; 0: none
  std::uint64_t retry = 0;         ///< one that waits in the supervisor itself
  std::optional<exit_reason> end;  ///< not looked at yet
  wait_history history;
};

struct child_counts {
  std::size_t specs = 0;
  std::size_t active = 0;
  std::size_t supervisors = 0;  ///< by their specs, as are workers
  std::size_t workers = 0;

  friend bool operator==(const child_counts&, const child_counts&) = default;
};

/// Keys are in the order of adding. With `by_key`, ids may repeat, and find nobody.
class child_table {
 public:
  using map = std::map<child_key, supervised>;
  using entry = map::value_type;
  enum class lookup : std::uint8_t { by_key_and_id, by_key };

  explicit child_table(lookup kind) : kind_(kind) {}

  /// Whether this key may be added: it is greater than those of all children here.
  [[nodiscard]] bool is_next(child_key key) const;
  void add(child_key key, child_policy policy);
  void erase(child_key key);
  [[nodiscard]] entry* find(const child_name& name);
  [[nodiscard]] const supervised* find(child_key key) const;
  /// That very start of the child, if it is live.
  [[nodiscard]] entry* find(child_run who);
  /// At the child, or the end.
  [[nodiscard]] map::iterator from(child_key key) { return children_.find(key); }
  [[nodiscard]] map::iterator begin() { return children_.begin(); }
  [[nodiscard]] map::iterator end() { return children_.end(); }
  [[nodiscard]] map::const_iterator begin() const { return children_.begin(); }
  [[nodiscard]] map::const_iterator end() const { return children_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }

  [[nodiscard]] child_counts count() const;

 private:
  lookup kind_;
  map children_;
  std::map<std::string, child_key, std::less<>> by_id_;
};

}  // namespace troupe::supervision
