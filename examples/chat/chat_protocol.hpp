// The chat's JSON protocol: what clients say, read and checked; what they hear, written. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chat {

inline constexpr std::size_t longest_text = 4000;  ///< bytes of UTF-8
inline constexpr std::size_t longest_user = 32;    ///< characters
inline constexpr std::size_t longest_name = 64;    ///< of a guild, a channel or a client's id
inline constexpr std::int64_t most_lines = 200;    ///< of history in one answer
inline constexpr std::int64_t most_users = 1000;   ///< in one page of members

enum class op : std::uint8_t { hello, join, say, channel, history, members, leave, crash };

/// One request of a client; fields that its op does not use are empty. A `crash` without a channel
/// is for the whole guild.
struct request {
  op what = op::hello;
  std::string id;  ///< echoed in the answer; may be empty
  std::string user, guild, channel, text;
  std::int64_t last = 50, before = 0;  ///< of history; before 0: the newest
  std::int64_t from = 0, count = 100;  ///< of members
};

/// What a client is told when it cannot have what it asked for.
struct refusal {
  std::string id;       ///< of the request; may be empty
  std::string guild;    ///< may be empty
  std::string code;     ///< one word of the protocol's table: "bad_json", "not_joined", …
  std::string message;  ///< a sentence
};

/// Reads one text frame. `default_guild`: the guild of a connection for one guild, or empty.
[[nodiscard]] std::variant<request, refusal> read_request(std::string_view text,
                                                          const std::string& default_guild);

/// Whether `name` may name a guild or a channel: 1 to 64 of [A-Za-z0-9._-].
[[nodiscard]] bool is_name(std::string_view name) noexcept;

/// One message of a channel.
struct line {
  std::uint64_t seq = 0;
  std::string user, text;
  std::int64_t at = 0;  ///< ms since 1970
};

/// What a guild tells a member that joins.
struct joined {
  std::string guild, node;
  std::vector<std::string> channels;
  std::uint64_t members = 0;
  std::vector<line> history;  ///< of "general"
};

[[nodiscard]] std::string write_welcome(const request& asked, const std::string& session,
                                        const std::string& node);
/// `id` empty: joined again without being asked.
[[nodiscard]] std::string write_joined(const joined& j, const std::string& id = {});
[[nodiscard]] std::string write_member(const std::string& guild, const std::string& user,
                                       bool online);
[[nodiscard]] std::string write_ok(const std::string& id, std::uint64_t seq);
[[nodiscard]] std::string write_message(const std::string& guild, const std::string& channel,
                                        const line& said);
/// `id` empty: told to all members.
[[nodiscard]] std::string write_channel(const std::string& guild, const std::string& channel,
                                        const std::string& id = {});
[[nodiscard]] std::string write_history(const request& asked, const std::vector<line>& messages);
[[nodiscard]] std::string write_members(const request& asked, std::uint64_t total,
                                        const std::vector<std::string>& users);
[[nodiscard]] std::string write_left(const request& asked);
[[nodiscard]] std::string write_crashed(const request& asked);
/// Told to all members of a channel that crashed and has begun again, empty.
[[nodiscard]] std::string write_restarted(const std::string& guild, const std::string& channel);
[[nodiscard]] std::string write_refusal(const refusal& why);

}  // namespace chat
