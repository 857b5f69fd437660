// Whether what the journals of a chaos run say could have been: nothing repeated, out of order, or
// lost unexcused.
#pragma once

#include "journal.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace troupe::chaos {

/// What may have been lost: the state that these processes held, and what they were sending, as
/// they were killed or slept through their lease.
struct excuses {
  std::set<std::uint32_t> state_of;     ///< pids
  std::set<std::uint32_t> messages_of;  ///< pids; killed
};

struct findings {
  std::vector<std::string> wrong;  ///< sentences; at most `most_sentences`, then only counted
  std::uint64_t violations = 0;
  std::uint64_t told = 0, applied = 0, refused = 0;
  std::uint64_t lost = 0, repeated = 0, reordered = 0;
  std::uint64_t passed_on = 0;
  std::uint64_t excused = 0;  ///< lost with an owner, or a sender, that was killed
  std::uint64_t arrivals = 0, lives = 0;
  std::uint64_t asks = 0, register_asks = 0;
  std::map<std::string, std::uint64_t> asks_failed;  ///< by the name of their code; "open": none
  std::uint64_t linearized = 0;                      ///< operations on registers

  static constexpr std::uint64_t most_sentences = 20;
  void say(const std::string& what);
  void add(const findings& other);  ///< all but its sentences
  [[nodiscard]] std::uint64_t failed() const;
};

/// Puts into `all`, which is by time, who held an entity without having had the time to say so:
/// `held` names a process and an entity, which had the life then that was heard of last.
void add_unsaid(std::vector<record>& all, const std::vector<record>& held);

/// `all` by time, of a run that has come to rest. Pure.
///
/// Of logs: in each life entries follow each other one by one, whoever held it, and no older life
/// is heard of after a newer one. Of each sender: its numbers rise; a number that is missing was
/// lost with an owner that is excused. What was answered was so when it was answered; what was
/// refused is not there.
void check_logs(const std::vector<record>& all, const excuses& allowed, findings& out);

/// Of what logs passed on: all of it was heard, once, but for what an owner took along that is
/// excused.
void check_echoes(const std::vector<record>& all, const excuses& allowed, findings& out);

/// Of registers, which are durable, so that nothing excuses a loss: all is linearizable, with asks
/// whose outcome is not known happening at any time or never.
void check_registers(const std::vector<record>& all, findings& out);

[[nodiscard]] findings check_history(const std::vector<record>& all, const excuses& allowed);

}  // namespace troupe::chaos
