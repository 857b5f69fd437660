// What was said and how it was answered, in figures; and what must not be among them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace chat::demo {

/// What was said and answered since the playback was made.
struct tally {
  std::uint64_t said = 0;        ///< says answered with ok
  std::uint64_t delivered = 0;   ///< messages received, by all members together
  std::uint64_t unanswered = 0;  ///< says without any answer within `answer_patience`
  std::uint64_t cut_off = 0;     ///< says whose connection ended before the answer
  std::map<std::string, std::uint64_t> refused;  ///< says answered with an error, by code
};

/// "2 timeout, 1 cut off": says that failed between two tallies; empty when none did.
[[nodiscard]] std::string failures_between(const tally& before, const tally& after);

/// What was wrong with the refusals between two tallies, one sentence each. A node may have been
/// killed between them, so a guild may be away, be slow, not know its members or have too much to
/// do: those refusals are right, every other code is a complaint.
[[nodiscard]] std::vector<std::string> wrong_refusals(const tally& before, const tally& after);

/// The same between a kill and the end of the talk after it, with guilds on the killed node: then
/// some say must have been refused with `unavailable`, or nobody noticed the kill.
[[nodiscard]] std::vector<std::string> wrong_after_kill(const tally& before, const tally& after);

}  // namespace chat::demo
