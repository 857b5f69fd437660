// The journals of the shards of a node, as its durable entities use them.
#pragma once

#include "journal/journal.hpp"
#include "journal_reads.hpp"
#include "ownership/commit_gate.hpp"
#include "ownership/ownership_words.hpp"
#include "runtime/held_output.hpp"
#include "runtime/kept_events.hpp"
#include <troupe/core/log.hpp>
#include <troupe/core/options.hpp>
#include <troupe/sharding/shard.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace troupe::sharding {

/// What they need of the node.
struct journal_links {
  std::function<shard_id(std::string_view type, std::string_view id)> shard_of;
  /// In which this node owns the shard, as far as it knows; 0: it does not.
  std::function<std::uint64_t(shard_id)> epoch_of;
  /// Ends the lives of its durable entities, each before its next message: what they hold is not
  /// what the journal holds. They may live again.
  std::function<void(shard_id)> end_lives;
  /// The journal was fenced with a later epoch than that of `journal_lost`.
  std::function<void(const journal_lost&)> not_ours;
  std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
};

/// A shard's journal is fenced when the first of its entities needs it, before that one is read.
/// From then on each output leaves when all that was kept before is durable. Any thread.
class shard_journals {
 public:
  static constexpr std::chrono::milliseconds fence_again{200};

  shard_journals(logger& log, journal_links links) : log_(log), links_(std::move(links)) {}

  /// Before what follows; does nothing when it has been done.
  result<void> open(const node_options& options);
  /// Waits until everything that was given to the journal is answered. Afterwards all is dropped.
  void stop();

  /// An epoch above `epoch` that the shard's journal is known to have been fenced with; else 0.
  [[nodiscard]] std::uint64_t known_above(shard_id shard, std::uint64_t epoch);
  /// The shard is not ours any more: what has not left does not.
  void close(shard_id shard);

  /// Lets `output` leave when `events` of the entity, and all that was kept before, are durable. It
  /// is dropped when its shard's journal was lost since `era`; 0 becomes the era of now.
  void keep(std::string_view type, std::string_view id, std::vector<runtime::kept_events>&& events,
            runtime::held_output output, std::uint64_t& era);
  /// Reads what an entity remembers, after what was kept before is durable.
  void recall(std::string_view type, std::string_view id, runtime::recollection done);

 private:
  struct reading {
    std::string entity;
    runtime::recollection done;
  };
  using output = std::variant<runtime::held_output, reading>;
  using changes = std::vector<journal_entry>;
  /// One shard in one epoch.
  struct book;
  using book_ptr = std::shared_ptr<book>;

  void add(shard_id shard, changes events, output what);
  [[nodiscard]] book_ptr book_of(shard_id shard);
  [[nodiscard]] book_ptr found(shard_id shard);
  void begin(const book_ptr& b);
  void opened(const book_ptr& b, const result<journal_fence>& fenced);
  void add_to(const book_ptr& b, changes events, output what);
  /// With the book's lock held, which it gives back.
  void carry_out(const book_ptr& b, std::unique_lock<std::mutex>& lock,
                 gate_result<changes> result);
  void append(const book_ptr& b, gate_append<changes> what);
  void appended(const book_ptr& b, std::uint64_t request, append_outcome how,
                const std::string& why);
  void let_leave(const book_ptr& b, std::unique_lock<std::mutex>& lock);
  void lose(const book_ptr& b, const error& why);
  [[nodiscard]] std::shared_ptr<journal> in_use_now();
  [[nodiscard]] std::uint64_t era_of(shard_id shard);
  void leave(const book& b, output& what);
  void drop(output& what, const error& why);

  logger& log_;
  const journal_links links_;
  std::mutex mutex_;  // of what follows; taken before a book's
  std::shared_ptr<journal> journal_;
  std::unordered_map<shard_id, book_ptr> books_;
  std::map<shard_id, std::uint64_t> fenced_by_others_;
  std::unordered_map<shard_id, std::uint64_t> losses_;  // how often it was, of base shards
  journal_reads reads_;
};

}  // namespace troupe::sharding
