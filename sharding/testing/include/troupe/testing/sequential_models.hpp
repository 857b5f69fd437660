// What a register and an append-only log do when nobody else is there.
#pragma once

#include <cstdint>
#include <optional>

namespace troupe::testing {

/// A number that is read, written, or changed if it is what was expected. Absent at first.
struct register_model {
  using state = std::optional<std::int64_t>;
  enum class kind : std::uint8_t { read, write, compare_and_set };
  struct operation {
    kind is = kind::read;
    state value{};        ///< that was read, is written, or is set
    state expected{};     ///< compare_and_set
    bool known = true;    ///< whether its answer is
    bool changed = true;  ///< compare_and_set: what it answered
  };

  static state initial() { return std::nullopt; }
  static std::optional<state> step(const state& is, const operation& what);
  static std::uint64_t digest(const state& is) noexcept;
};

/// What a log holds: how many values, and a digest of them in their order, which stands for them.
struct log_contents {
  std::uint64_t size = 0;
  std::uint64_t digest = 0;

  friend bool operator==(const log_contents&, const log_contents&) = default;
};
[[nodiscard]] log_contents appended(const log_contents& log, std::int64_t value) noexcept;

/// Values are appended at the end, and all of it is read.
struct log_model {
  using state = log_contents;
  enum class kind : std::uint8_t { append, read };
  struct operation {
    kind is = kind::append;
    std::int64_t value = 0;  ///< append
    bool known = true;       ///< whether its answer is
    log_contents seen{};     ///< read: everything; append: the log after it
  };

  static state initial() { return {}; }
  static std::optional<state> step(const state& is, const operation& what);
  static std::uint64_t digest(const state& is) noexcept { return is.digest + is.size; }
};

}  // namespace troupe::testing
