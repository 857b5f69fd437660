// The records of all shards, of which a copy shares what it does not change.
#pragma once

#include "ownership/shard_record.hpp"
#include <troupe/sharding/shard.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <vector>

namespace troupe::sharding {

/// A value. A copy takes a pointer for each `chunk` records, and a change copies its
/// chunk: a snapshot of 65 536 shards is made anew with each record that changes.
class record_table {
 public:
  /// Of these shards, and of those that are promoted out of them.
  explicit record_table(shard_id shards = 0)
      : shards_(shards), chunks_((shards + chunk - 1) / chunk, nobodys()) {}

  [[nodiscard]] const shard_record& at(shard_id shard) const noexcept {
    static const shard_record none;
    if (!is_promoted(shard))
      return shard < shards_ ? (*chunks_[shard / chunk])[shard % chunk] : none;
    const auto found = promoted_.find(shard);
    return found != promoted_.end() ? found->second : none;
  }
  void set(const std::map<shard_id, shard_record>& news) {
    records* mine = nullptr;
    shard_id last = 0;
    for (const auto& [shard, record] : news) {
      if (is_promoted(shard)) {
        promoted_[shard] = record;
      } else if (shard < shards_) {
        if (!mine || shard / chunk != last / chunk) mine = &copied(shard / chunk);
        (*mine)[shard % chunk] = record;
        last = shard;
      }
    }
  }
  template <class What>
  void for_each(What what) const {
    for (shard_id s = 0; s < shards_; ++s) what(s, at(s));
    for (const auto& [s, record] : promoted_) what(s, record);
  }

 private:
  static constexpr shard_id chunk = 64;
  using records = std::array<shard_record, chunk>;

  static std::shared_ptr<const records> nobodys() {
    static const auto none = std::make_shared<const records>();
    return none;
  }
  records& copied(shard_id which) {
    const auto own = std::make_shared<records>(*chunks_[which]);
    chunks_[which] = own;
    return *own;
  }

  shard_id shards_;
  std::vector<std::shared_ptr<const records>> chunks_;
  std::map<shard_id, shard_record> promoted_;
};

}  // namespace troupe::sharding
