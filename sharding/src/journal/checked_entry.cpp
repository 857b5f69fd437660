#include "journal/checked_entry.hpp"

#include <troupe/core/encode.hpp>

#include <xxhash.h>

namespace troupe::sharding {

std::uint64_t checksum_of(const journal_entry& entry) {
  std::string head;
  writer out{head};
  encode(out, entry.entity);
  encode(out, entry.number);
  encode(out, entry.count);
  encode(out, entry.snapshot);
  return XXH3_64bits_withSeed(entry.body.data(), entry.body.size(),
                              XXH3_64bits(head.data(), head.size()));
}

std::string key_of(std::string_view entity) {
  XXH128_canonical_t key;
  XXH128_canonicalFromHash(&key, XXH3_128bits(entity.data(), entity.size()));
  return {reinterpret_cast<const char*>(key.digest), sizeof(key.digest)};
}

std::string why_not_whole(const entity_history& history) {
  auto last = history.snapshot ? history.snapshot->number : 0;
  for (const auto& e : history.events) {
    if (e.count == 0 || e.count > e.number || e.number - e.count != last) {
      return "event " + std::to_string(last + 1) + " of " + e.entity + " is missing: after " +
             std::to_string(last) + " comes " + std::to_string(e.number - e.count + 1);
    }
    last = e.number;
  }
  return {};
}

}  // namespace troupe::sharding
