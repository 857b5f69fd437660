#include "journal/merged_entries.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace troupe::sharding {

std::vector<journal_entry> merged(std::vector<std::vector<journal_entry>>&& all) {
  std::vector<journal_entry> entries;
  std::unordered_map<std::string, std::size_t> last;
  for (auto& some : all) {
    for (auto& e : some) {
      const auto [at, first] = last.try_emplace(e.entity, entries.size());
      auto* const before = first ? nullptr : &entries[at->second];
      if (before && !before->snapshot && !e.snapshot) {
        before->body += e.body;
        before->count += e.count;
        before->number = e.number;
      } else {
        at->second = entries.size();
        entries.push_back(std::move(e));
      }
    }
  }
  return entries;
}

}  // namespace troupe::sharding
