// What nodes of a simulated cluster say to each other, and what their entities are.
#pragma once

#include "ownership/handoff_words.hpp"
#include "ownership/lane_in.hpp"
#include <troupe/core/codec.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::testing {

enum class command_kind : std::uint8_t { read, write, compare_and_set, append, read_log };

/// Of one client, to one entity: a register or a log.
struct command {
  std::uint64_t id = 0;  ///< of the whole run
  std::uint32_t entity = 0;
  command_kind is = command_kind::read;
  std::int64_t value = 0;
  std::int64_t expected = 0;
  bool asked = false;  ///< somebody waits for the answer
  std::string from;
};
[[nodiscard]] constexpr bool changes(command_kind is) noexcept {
  return is != command_kind::read && is != command_kind::read_log;
}

struct command_answer {
  std::uint64_t id = 0;
  std::uint64_t life = 0;  ///< of the entity's state
  std::optional<std::int64_t> value;
  bool changed = true;
  std::uint64_t size = 0;
  std::uint64_t digest = 0;
};

struct entity_state {
  std::uint32_t id = 0;
  std::optional<std::int64_t> value;
  std::uint64_t size = 0;
  std::uint64_t digest = 0;
};
/// As entities are called where names count.
[[nodiscard]] sharding::entity_name name_of(std::uint32_t entity);
[[nodiscard]] std::uint32_t entity_of(const sharding::entity_name& name);
[[nodiscard]] command_answer apply(entity_state& entity, const command& what);

/// A message in a lane, on its way.
struct lane_message {
  sharding::shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sender = 0;
  std::uint64_t seq = 0;
  std::uint64_t base = 0;
  bool over = false;
  bool reliable = false;
  std::string body;
};

enum class lane_reply_kind : std::uint8_t { taken = 1, expected, parked, moved, applied };
struct lane_reply {
  lane_reply_kind is = lane_reply_kind::taken;
  sharding::shard_id shard = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sender = 0;
  std::uint64_t seq = 0;
  sharding::shard_record record{};
};

/// Taken by the shard, and not handled yet.
struct waiting_message {
  std::string from;
  std::uint64_t sender = 0;
  std::uint64_t seq = 0;
  bool reliable = false;
  std::string body;
};
struct shard_cargo {
  sharding::shard_id shard = 0;
  std::uint64_t move = 0;
  std::uint64_t life = 0;  ///< of the state
  std::vector<sharding::lane_state> taken;
  std::vector<entity_state> entities;
  std::vector<waiting_message> waiting;
};

/// As it lies in a journal.
struct journaled_command {
  std::uint64_t sender = 0;
  std::uint64_t seq = 0;
  std::string body;
};

enum class frame_kind : char { message = 'm', reply = 'r', word = 'w', cargo = 'c', answer = 'a' };

template <class T>
std::string packed(const T& value) {
  std::string bytes;
  writer out{bytes};
  encode(out, value);
  return bytes;
}
template <class T>
T unpacked(std::string_view bytes) {
  T value;
  reader in{bytes};
  if (!decode(in, value)) return {};
  return value;
}
template <class T>
std::string frame_of(frame_kind kind, const T& value) {
  return static_cast<char>(kind) + packed(value);
}

}  // namespace troupe::testing
