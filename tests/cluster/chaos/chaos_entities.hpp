// What the entities of a chaos node have in common: ids, and lives that the journal knows.
#pragma once

#include "journal.hpp"
#include <troupe/sharding.hpp>

#include <cstdint>
#include <string>

namespace troupe::chaos {

/// Entity `number` of a type, and back.
[[nodiscard]] inline std::string id_of(std::uint32_t key) {
  return "k" + std::to_string(key);
}
[[nodiscard]] inline std::uint32_t key_of(const std::string& id) {
  return static_cast<std::uint32_t>(std::stoul(id.substr(1)));
}

/// `life` is drawn when a state begins, and travels with it: who answers with another has lost it.
[[nodiscard]] inline std::uint64_t begin_life(context& ctx) {
  const std::uint64_t life = ctx.random() | 1;
  record r{deed::held};
  r.key = key_of(ctx.id());
  r.life = life;
  r.at = now_ns();
  journal::of_process()->write(r);
  return life;
}

}  // namespace troupe::chaos
