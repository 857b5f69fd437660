#include "hearing.hpp"

#include <algorithm>

namespace chat {

news hearing::message(const std::string& place, std::uint64_t life, std::uint64_t seq) {
  auto& last = places_[place];
  const auto known = std::max(last.life, last.told);
  if (life < known) return {true, false, false};
  const news now{false, life == last.life && seq != last.seq + 1, known != 0 && life > known};
  last = {life, seq, life};
  return now;
}

bool hearing::restarted(const std::string& place, std::uint64_t life) {
  auto& last = places_[place];
  if (life <= std::max(last.life, last.told)) return false;
  last.told = life;
  return true;
}

void hearing::forget(const std::string& guild) {
  std::erase_if(places_, [&](const auto& p) { return p.first.starts_with(guild + "/"); });
}

}  // namespace chat
