// What is going to be said: guilds with their lines, and who has a seat in which guild.
#pragma once

#include "irc_log.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chat::demo {

struct guild_log {
  std::string id;
  std::vector<spoken> lines;  ///< in the order they are to be said
};

using conversation = std::vector<guild_log>;

/// Reads every `*.txt` of `folder` as one guild named after the file, in order of their names.
/// Throws `failure` when the folder holds no line that anybody said, or a file whose name the chat
/// would not take for a guild.
[[nodiscard]] conversation read_conversation(const std::filesystem::path& folder);

/// Pure: the same seed gives the same five guilds, in which 200 users say 400 lines each guild.
/// Some users sit in two guilds, and texts hold quotes, escapes and signs beyond ASCII.
[[nodiscard]] conversation generated_conversation(std::uint64_t seed);

/// One user's place in one guild. `member` counts from 0 within the guild.
struct seat {
  std::uint32_t guild = 0;
  std::uint32_t member = 0;

  friend bool operator==(const seat&, const seat&) = default;
};

struct person {
  std::string name;
  std::vector<seat> seats;  ///< one for each guild the user speaks in
};

/// Everybody, and for each guild who says which line.
struct roster {
  std::vector<person> people;                        ///< in order of their first line
  std::vector<std::uint32_t> members;                ///< per guild: how many have a seat
  std::vector<std::vector<std::uint32_t>> speakers;  ///< [guild][line]: index into `people`
};

/// Pure. A name is one user, in however many guilds it speaks.
[[nodiscard]] roster roster_of(const conversation& all);

}  // namespace chat::demo
