// All that can happen to the shards of a small cluster, for the explorer.
#pragma once

#include "explorer.hpp"
#include "ownership_moment.hpp"

#include <string>
#include <utility>

namespace troupe::model {

/// What can happen, in the order in which it is tried.
enum class deed : std::uint8_t {
  start,
  crash,
  restart,
  pause,
  notices_pause,
  joins,
  leaves,
  is_gone,
  lease_ends,
  view_agreed,
  reads_members,
  reads_records,
  time_passes,
  time_flies,  ///< faster than words
  packed,
  stuck,
  arrives,
  doubled,
  lost,
  store_decides,
  answered,
  not_answered,
  late_change,
};

class ownership_model {
 public:
  using state = world_state;

  explicit ownership_model(world_rules rules);

  [[nodiscard]] state initial();
  template <class Sink>
  void each_next(const state& from, Sink sink) {
    for (const auto& what : possible(from)) {
      moment m{parts_, steps_, rules_, from};
      happens(m, what);
      const auto broken = m.broken();
      sink(what, m.seal(), is_progress(static_cast<deed>(what.kind)), broken);
    }
  }
  [[nodiscard]] bool settled(const state& s);
  [[nodiscard]] std::string text(label what) const;
  [[nodiscard]] std::string sizes() const;

 private:
  [[nodiscard]] static bool is_progress(deed what);
  const std::vector<label>& possible(const state& from);
  void add(deed what, std::size_t who = 0, std::size_t which = 0);
  void of_node(const moment& m, std::size_t n);
  void of_running(const moment& m, std::size_t n);
  void of_store(const moment& m);
  void happens(moment& m, label what) const;
  [[nodiscard]] bool is_behind(const moment& m, std::size_t n);
  [[nodiscard]] bool must_read(const moment& m, std::size_t n);
  [[nodiscard]] bool is_quiet(const moment& m) const;
  [[nodiscard]] bool at_rest(const moment& m, std::size_t n) const;

  world_rules rules_;
  world_parts parts_;
  ownership_steps steps_;
  std::vector<label> possible_;
};

}  // namespace troupe::model
