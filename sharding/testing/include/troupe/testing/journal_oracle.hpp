// What must be true of the commands that a journal holds, whoever wrote them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe::testing {

/// One command as it was committed.
struct committed {
  std::uint64_t epoch = 0;
  std::string writer;
  std::uint64_t sender = 0;
  std::uint64_t seq = 0;
};

/// Sentences about what is wrong with one shard's journal, from its beginning: two writers in one
/// epoch (I1), epochs that go back (I2), a message taken twice (I4), or out of order (I5). Pure.
[[nodiscard]] std::vector<std::string> journal_violations(const std::vector<committed>& all);

/// For each sender the last message that is in a journal: what was acknowledged must not lie above
/// (I3).
[[nodiscard]] std::map<std::uint64_t, std::uint64_t> durable(const std::vector<committed>& all);

}  // namespace troupe::testing
