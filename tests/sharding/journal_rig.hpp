// Journals for tests: of each kind, empty, in a folder of their own.
#pragma once

#include "journal/memory_journal.hpp"
#include "journal/sqlite_journal.hpp"
#include "temporary_folder.hpp"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::sharding {

/// One journal for the suite of all; each `open` is another handle on it.
class journal_rig {
 public:
  explicit journal_rig(std::string kind) : kind_(std::move(kind)) {}

  [[nodiscard]] std::string file() const { return (folder_.path / "journal.db").string(); }

  std::shared_ptr<journal> open() {
    if (kind_ == "sqlite") return sqlite_journal::open(file(), "test").value();
    return std::make_shared<memory_journal>(space_);
  }

 private:
  std::string kind_;
  testing_support::temporary_folder folder_;
  std::shared_ptr<journal_space> space_ = std::make_shared<journal_space>();
};

inline journal_entry events(std::string entity, std::uint64_t number, std::string body,
                            std::uint32_t count = 1) {
  return {std::move(entity), number, count, false, std::move(body)};
}
inline journal_entry snapshot(std::string entity, std::uint64_t number, std::string body) {
  return {std::move(entity), number, 0, true, std::move(body)};
}

// The calls, waited for.
inline result<journal_fence> fence(journal& j, shard_id shard, std::uint64_t epoch) {
  std::promise<result<journal_fence>> answer;
  j.fence(shard, epoch, [&](result<journal_fence> r) { answer.set_value(std::move(r)); });
  return answer.get_future().get();
}
inline append_outcome append(journal& j, shard_append what) {
  std::promise<append_outcome> answer;
  j.append(std::move(what), [&](append_outcome o, const std::string&) { answer.set_value(o); });
  return answer.get_future().get();
}
inline result<entity_history> read(journal& j, const std::string& entity) {
  std::promise<result<entity_history>> answer;
  j.read(entity, [&](result<entity_history> r) { answer.set_value(std::move(r)); });
  return answer.get_future().get();
}

}  // namespace troupe::sharding
