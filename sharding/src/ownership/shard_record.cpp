#include "ownership/shard_record.hpp"

#include <troupe/core/codec.hpp>

#include <charconv>

namespace troupe::sharding {

namespace {
constexpr std::string_view folder = "shards/";
}

std::string shard_key(const std::string& prefix, shard_id shard) {
  return prefix + std::string{folder} + std::to_string(shard);
}

std::optional<shard_id> shard_of_key(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  if (!key.starts_with(folder)) return std::nullopt;
  key.remove_prefix(folder.size());
  shard_id shard = 0;
  const auto [end, wrong] = std::from_chars(key.data(), key.data() + key.size(), shard);
  if (wrong != std::errc{} || end != key.data() + key.size() || key.empty()) return std::nullopt;
  return shard;
}

std::string to_value(const shard_record& record) {
  std::string value;
  writer out{value};
  encode(out, record);
  return value;
}

std::optional<shard_record> from_value(std::string_view value) {
  reader in{value};
  shard_record record;
  if (!decode(in, record)) return std::nullopt;
  return record;
}

}  // namespace troupe::sharding
