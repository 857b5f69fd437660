// What a supervisor must know of a child, and of itself: OTP's words, as values.
#pragma once

#include <troupe/core/result.hpp>
#include <troupe/supervision/backoff.hpp>
#include <troupe/supervision/restart_budget.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace troupe::supervision {

enum class restart : std::uint8_t {
  permanent,  ///< always started again
  temporary,  ///< never; its spec goes with it
  transient,  ///< started again after a crash, not when it stopped itself or was shut down
};

enum class strategy : std::uint8_t {
  one_for_one,   ///< the child alone
  one_for_all,   ///< with all its siblings
  rest_for_one,  ///< with those that were started after it
  simple,        ///< dynamic: children come at run time, have no order and no use for their ids
};

enum class auto_shutdown : std::uint8_t {
  never,
  any_significant,  ///< when the first significant child ends by itself for good
  all_significant,  ///< when the last of them does
};

enum class child_type : std::uint8_t { worker, supervisor };

/// How long a child may take to stop before it is killed.
class shutdown {
 public:
  constexpr shutdown() = default;
  [[nodiscard]] static constexpr shutdown within(std::chrono::nanoseconds time) {
    return shutdown{time};
  }
  [[nodiscard]] static constexpr shutdown infinity() { return shutdown{forever}; }
  [[nodiscard]] static constexpr shutdown brutal_kill() { return shutdown{at_once}; }

  [[nodiscard]] constexpr bool is_infinity() const noexcept { return time_ == forever; }
  [[nodiscard]] constexpr bool is_brutal_kill() const noexcept { return time_ == at_once; }
  [[nodiscard]] constexpr std::chrono::nanoseconds time() const noexcept { return time_; }
  friend bool operator==(const shutdown&, const shutdown&) = default;

 private:
  static constexpr auto forever = std::chrono::nanoseconds::max();
  static constexpr auto at_once = std::chrono::nanoseconds::min();
  constexpr explicit shutdown(std::chrono::nanoseconds time) : time_(time) {}

  std::chrono::nanoseconds time_ = std::chrono::seconds{5};
};

struct child_policy {
  std::string id{};
  supervision::restart restart = restart::permanent;
  /// OTP's default; a supervisor should be given `infinity`.
  supervision::shutdown shutdown{};
  bool significant = false;
  child_type type = child_type::worker;
  supervision::backoff backoff{};

  friend bool operator==(const child_policy&, const child_policy&) = default;
};

struct supervisor_policy {
  supervision::strategy strategy = strategy::one_for_one;
  supervision::intensity intensity{};
  supervision::auto_shutdown auto_shutdown = auto_shutdown::never;
  /// Of `simple`: how many children there may be at a time.
  std::size_t max_children = std::numeric_limits<std::size_t>::max();

  friend bool operator==(const supervisor_policy&, const supervisor_policy&) = default;
};

[[nodiscard]] std::string_view to_string(restart kind) noexcept;
[[nodiscard]] std::string_view to_string(strategy kind) noexcept;
[[nodiscard]] std::string_view to_string(auto_shutdown kind) noexcept;
[[nodiscard]] std::string_view to_string(child_type type) noexcept;
/// "5000 ms", "infinity", "brutal_kill"
[[nodiscard]] std::string to_string(shutdown time);
/// "mailer transient, stops within 2000 ms, significant"
[[nodiscard]] std::string to_string(const child_policy& child);
/// "one_for_one, gives up after 3 in 5000 ms"
[[nodiscard]] std::string to_string(const supervisor_policy& policy);

/// Whether a supervisor with this policy takes this child; else which field is wrong, and how.
[[nodiscard]] result<void> check(const supervisor_policy& policy);
[[nodiscard]] result<void> check(const child_policy& child, const supervisor_policy& parent);

}  // namespace troupe::supervision
