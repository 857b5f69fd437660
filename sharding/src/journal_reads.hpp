// Reads what entities remember, few at a time, so that a restart of everything is no stampede.
#pragma once

#include "journal/journal.hpp"
#include "runtime/kept_events.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::sharding {

/// Any thread. Whoever is needed first is read first.
class journal_reads {
 public:
  static constexpr std::size_t most = 50;  ///< at a time

  /// `era` is given with what was read. `from` is kept until `done` was called.
  void read(std::shared_ptr<journal> from, std::string entity, std::uint64_t era,
            runtime::recollection done);

 private:
  struct wish {
    std::shared_ptr<journal> from;
    std::string entity;
    std::uint64_t era = 0;
    runtime::recollection done;
  };
  void begin(wish what);
  void ended();

  std::mutex mutex_;
  std::size_t running_ = 0;
  std::deque<wish> waiting_;
};

}  // namespace troupe::sharding
