#include "cluster_words.hpp"

namespace troupe::testing {

sharding::entity_name name_of(std::uint32_t entity) {
  return {"t", "e" + std::to_string(entity)};
}

std::uint32_t entity_of(const sharding::entity_name& name) {
  return static_cast<std::uint32_t>(std::stoul(name.id.substr(1)));
}

command_answer apply(entity_state& entity, const command& what) {
  command_answer answer;
  answer.id = what.id;
  switch (what.is) {
    case command_kind::read:
    case command_kind::read_log: break;
    case command_kind::write: entity.value = what.value; break;
    case command_kind::compare_and_set:
      answer.changed = entity.value == what.expected;
      if (answer.changed) entity.value = what.value;
      break;
    case command_kind::append: {
      const auto after = appended({entity.size, entity.digest}, what.value);
      entity.size = after.size;
      entity.digest = after.digest;
    }
  }
  answer.value = entity.value;
  answer.size = entity.size;
  answer.digest = entity.digest;
  return answer;
}

}  // namespace troupe::testing
