// A journal in memory: the model of the others, for tests and for clusters that lose all with their
// process.
#pragma once

#include "journal/journal.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::sharding {

/// What several nodes of a process share. Any thread.
class journal_space {
 public:
  [[nodiscard]] journal_fence fence(shard_id shard, std::uint64_t epoch);
  [[nodiscard]] append_outcome append(const shard_append& what);
  [[nodiscard]] entity_history read(const std::string& entity) const;

 private:
  mutable std::mutex mutex_;
  std::map<shard_id, journal_fence> shards_;
  std::map<std::string, entity_history> entities_;
};

/// One node's handle. Answers at once.
class memory_journal final : public journal {
 public:
  explicit memory_journal(std::shared_ptr<journal_space> space) : space_(std::move(space)) {}

  void fence(shard_id shard, std::uint64_t epoch,
             std::function<void(result<journal_fence>)> done) override {
    done(space_->fence(shard, epoch));
  }
  void append(shard_append what,
              std::function<void(append_outcome, const std::string& why)> done) override {
    done(space_->append(what), {});
  }
  void read(std::string entity, std::function<void(result<entity_history>)> done) override {
    done(space_->read(entity));
  }

 private:
  std::shared_ptr<journal_space> space_;
};

}  // namespace troupe::sharding
