#include "supervisor_messages.hpp"

namespace troupe {

using supervision::child_key;
using supervision::child_name;

void codec<child_name>::encode(const child_name& who, writer& out) {
  const auto* const id = std::get_if<std::string>(&who);
  out.varint(id ? 1 : 0);
  if (id) {
    out.text(*id);
  } else {
    out.varint(std::get<child_key>(who));
  }
}

bool codec<child_name>::decode(child_name& who, reader& in) {
  std::uint64_t by_id = 0;
  if (!in.varint(by_id) || by_id > 1) return false;
  if (by_id == 1) {
    std::string_view id;
    if (!in.text(id)) return false;
    who = std::string{id};
    return true;
  }
  return in.varint(who.emplace<child_key>());
}

}  // namespace troupe
