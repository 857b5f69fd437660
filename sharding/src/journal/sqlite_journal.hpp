// The embedded journal: one file, which all processes of a machine may share.
#pragma once

#include "journal/batches.hpp"
#include "journal/journal.hpp"
#include "sqlite.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace troupe::sharding {

/// In WAL mode with `synchronous = FULL`: what is committed survives a power cut. One thread
/// writes, and commits whatever has come meanwhile together; another one reads; a third one moves
/// what is committed to where it stays, so that no commit waits for that.
class sqlite_journal final : public journal {
 public:
  static constexpr std::chrono::seconds busy{5};  ///< others may hold the file's lock so long

  /// Opens, or creates, the file for a cluster. The error says what is wrong with it, and what to
  /// do; a file that is not ours is left as it was.
  static result<std::shared_ptr<journal>> open(const std::string& path, const std::string& cluster);
  /// Throws `sqlite::failure`.
  sqlite_journal(std::string path, const std::string& cluster);

  void fence(shard_id shard, std::uint64_t epoch,
             std::function<void(result<journal_fence>)> done) override;
  void append(shard_append what,
              std::function<void(append_outcome, const std::string& why)> done) override;
  void read(std::string entity, std::function<void(result<entity_history>)> done) override;

 private:
  struct fence_wish {
    shard_id shard = 0;
    std::uint64_t epoch = 0;
    std::function<void(result<journal_fence>)> done;
    journal_fence found{};
  };
  struct append_wish {
    shard_append what;
    std::function<void(append_outcome, const std::string& why)> done;
    append_outcome outcome = append_outcome::unknown;
    bool refused = false;  ///< one of its entries does not follow: the others go without it
  };
  using wish = std::variant<fence_wish, append_wish>;
  struct read_wish {
    std::string entity;
    std::function<void(result<entity_history>)> done;
  };
  /// The writing connection, with its statements.
  struct pen;
  struct closing {
    void operator()(pen* p) const noexcept;
  };

  void write(std::vector<wish> all);
  void tidy(int pages);
  [[nodiscard]] bool try_to_write(std::vector<wish>& all);
  [[nodiscard]] pen& opened();
  [[nodiscard]] result<entity_history> look_up(const std::string& entity);
  [[nodiscard]] error failed(const char* doing, const std::string& why) const;

  const std::string path_;
  std::unique_ptr<pen, closing> pen_;          // of the writer's thread; null: to be opened anew
  std::unique_ptr<sqlite::database> reading_;  // of the reader's
  std::unique_ptr<sqlite::database> tidying_;  // of the third's
  std::atomic<bool> is_tidying_{false};
  batches<read_wish> reader_;
  batches<int> tidier_;
  batches<wish> writer_;
};

}  // namespace troupe::sharding
