// Shards' entities on their way: brought to rest, shipped, staged, started, dropped.
#pragma once

#include "cargo.hpp"
#include "inside.hpp"
#include "ownership/ownership_words.hpp"
#include "region.hpp"
#include "region_table.hpp"
#include "shard_gates.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::sharding {

class lanes;

/// What a mover asks the cluster service, and tells it.
struct mover_links {
  std::function<void(ownership_event)> happened;
  std::function<void(const std::string& to, const handoff_word&)> say;
};

/// Called by the thread that drives ownership, and for frames and packed cells by any.
class shard_mover {
 public:
  static constexpr std::size_t part_bytes = std::size_t{256} << 10;
  static constexpr std::size_t most_staged = std::size_t{256} << 20;  ///< bytes of all cargo here

  shard_mover(detail::node_inside& node, shard_gates& gates, lanes& out,
              const region_table& regions, mover_links links);

  // The owner before.
  void pack(const pack_cells& a);
  void ship(const ship_cells& a);  ///< a copy: it may yet stay here
  void unpack(const unpack_cells& a);
  void drop(const drop_cells& a);
  void open(shard_id shard, std::uint64_t epoch, const apart& own);
  // The next owner.
  void received(const std::string& from, reader& in);
  void drop_cargo(shard_id shard, std::uint64_t move);
  void serve(const serve_shard& a);

 private:
  struct leaving {
    std::mutex mutex;
    std::uint64_t move = 0;
    std::vector<runtime::cell_ptr> cells;  // those that are packed, by place as `entities`
    std::vector<packed_entity> entities;
    std::size_t waiting = 0;  // cells that have not come to rest yet
    std::string failure;
    bool over = false;  // whoever comes to rest now goes on
  };
  struct staged {
    std::uint64_t move = 0;
    std::uint32_t parts = 0;
    bool whole = false;
    std::size_t bytes = 0;
    std::vector<lane_state> taken;
    std::vector<packed_entity> entities;
  };
  void packed(const std::shared_ptr<leaving>& l, shard_id shard, runtime::cell_ptr cell,
              packed_entity entity, const std::string& failure);
  static void go_on(leaving& l);
  bool send_all(const ship_cells& a, leaving& l);
  bool give(const std::string& to, const cargo_part& part);
  bool stage(cargo_part&& part, std::size_t bytes);

  detail::node_inside& node_;
  shard_gates& gates_;
  lanes& lanes_;
  const region_table& regions_;
  const mover_links links_;
  std::map<shard_id, std::shared_ptr<leaving>> leaving_;  // the driver's
  std::mutex mutex_;                                      // of what follows
  std::map<shard_id, staged> staged_;
  std::size_t staged_bytes_ = 0;
};

}  // namespace troupe::sharding
