// What the processes of a chaos run did, record by record, in files that outlive them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <vector>

namespace troupe::chaos {

enum class deed : std::uint8_t {
  held,       ///< an entity began here, or arrived (`changed`) with `size` entries
  applied,    ///< a log took (sender, number) as its entry `size`, and is `digest` with it
  told,       ///< a tell was taken
  refused,    ///< a tell was not; its number is used again
  passed_on,  ///< a log told an echo of (sender, number)
  echoed,     ///< that was handled
  will_ask,   ///< an ask is about to begin; without an outcome it is open
  appended,   ///< the outcome of an ask that appends (sender, number)
  read_log,   ///< the outcome of an ask for `size` and `digest`
  read,       ///< of a register: the outcome; `value` is what it held
  wrote,      ///< the same: `value` was written
  exchanged,  ///< the same: `value` for `expected`, if `changed`; else it held `seen`
};

/// One record; what a deed does not name is 0. Times are of the monotonic clock, which all
/// processes of a machine share.
struct record {
  deed what = deed::held;
  std::uint8_t code = 0;  ///< errc of an outcome, or of a refusal
  bool changed = false;
  bool is_register = false;
  std::uint32_t key = 0;
  std::uint32_t process = 0;  ///< its pid; whoever reads the files sets it
  std::uint64_t sender = 0;   ///< one thread of one process
  std::uint64_t number = 0;   ///< of a sender's messages to the key, from 1; of its asks for others
  std::uint64_t life = 0;     ///< of the entity's state
  std::uint64_t size = 0;
  std::uint64_t digest = 0;
  std::int64_t value = 0, expected = 0, seen = 0;
  std::int64_t begun = 0;  ///< ns
  std::int64_t at = 0;     ///< ns
};

[[nodiscard]] inline std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// Appends records to a file, each by one write, so that a killed process has said all it did.
/// Any thread.
class journal {
 public:
  explicit journal(const std::filesystem::path& file);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  void write(const record& what);

  /// That to which the entities of this process write; set before the node starts.
  static journal*& of_process();

 private:
  std::mutex mutex_;
  int file_ = -1;
};

/// All records of all files of the folder named `<pid>.journal`, by time.
[[nodiscard]] std::vector<record> read_journals(const std::filesystem::path& folder);

}  // namespace troupe::chaos
