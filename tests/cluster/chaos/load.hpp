// What a chaos node sends: numbered tells and asks to all keys, each of them journalled.
#pragma once

#include "log_entity.hpp"
#include "register_entity.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace troupe::chaos {

inline constexpr std::uint32_t log_keys = 32;
inline constexpr std::uint32_t register_keys = 8;

/// Runs while it is on: one thread that tells, two that ask, each a sender of its own. Everything
/// that they do is in the journal before `off` returns.
class load {
 public:
  load(const entities<log_entity>& logs, const entities<register_entity>& registers,
       std::chrono::milliseconds pause);
  ~load() { off(); }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void on();
  /// Waits for the answers that are missing.
  void off();

 private:
  struct asker {
    std::uint64_t sender = 0;
    std::array<std::uint64_t, log_keys> last{};
    std::uint64_t asks = 0;
    std::array<std::int64_t, register_keys> known{};
    std::mt19937_64 random;
  };
  void tell_rounds();
  void ask_rounds(asker& who);
  void ask_log(asker& who);
  void ask_register(asker& who);

  const entities<log_entity>& logs_;
  const entities<register_entity>& registers_;
  const std::chrono::milliseconds pause_;
  std::array<std::uint64_t, log_keys> told_{};
  std::array<asker, 2> askers_;
  std::atomic<bool> on_{false};
  std::vector<std::thread> threads_;
};

}  // namespace troupe::chaos
