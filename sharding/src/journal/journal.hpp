// Where the events of durable entities are kept: one journal for each shard, fenced by the epoch of
// its owner.
#pragma once

#include <troupe/core/result.hpp>
#include <troupe/sharding/shard.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// What one entity has to remember. An entity's events are numbered from 1.
struct journal_entry {
  std::string entity;        ///< "type/id"
  std::uint64_t number = 0;  ///< of its last event
  std::uint32_t count = 0;   ///< of its events: it follows the event `number - count`
  bool snapshot = false;     ///< `body` is the state after event `number`, else the events
  std::string body;

  friend bool operator==(const journal_entry&, const journal_entry&) = default;
};

/// One owner's append. All of it is kept, or nothing.
struct shard_append {
  shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t expected = 0;  ///< the position that it follows
  std::uint64_t then = 0;      ///< the position afterwards
  std::vector<journal_entry> entries;
};

enum class append_outcome : std::uint8_t {
  taken,     ///< it is durable
  fenced,    ///< nothing was written: a later epoch has been here
  conflict,  ///< nothing was written: it does not follow what the journal holds
  unknown,   ///< it may have been written, or may be later
};

struct journal_fence {
  std::uint64_t epoch = 0;     ///< afterwards; above the one that was asked for: it was refused
  std::uint64_t position = 0;  ///< of the last append that was taken
};

/// What a journal holds of one entity.
struct entity_history {
  std::optional<journal_entry> snapshot;
  std::vector<journal_entry> events;  ///< after it, in order, without holes

  [[nodiscard]] std::uint64_t last() const noexcept {
    return !events.empty() ? events.back().number : snapshot ? snapshot->number : 0;
  }
};

/// Any thread may call; answers come on a thread of the journal's, or at once, each exactly once,
/// and all before the destructor is done.
///
/// What was answered `taken` is on the disk. Appends of one shard are carried out in the order in
/// which they were given; those of many shards are committed together. Errors are `store_failed`,
/// with a sentence that says where and what to do.
class journal {
 public:
  virtual ~journal() = default;

  /// From now on nothing of a smaller epoch is taken for the shard.
  virtual void fence(shard_id shard, std::uint64_t epoch,
                     std::function<void(result<journal_fence>)> done) = 0;
  /// Takes it if its epoch is not below the fence, it follows what the shard's journal holds, and
  /// each entry follows what is held of its entity. A snapshot takes the place of what it contains.
  virtual void append(shard_append what,
                      std::function<void(append_outcome, const std::string& why)> done) = 0;
  /// What is held of an entity; an error when a byte of it has changed, or a part is missing.
  virtual void read(std::string entity, std::function<void(result<entity_history>)> done) = 0;
};

}  // namespace troupe::sharding
