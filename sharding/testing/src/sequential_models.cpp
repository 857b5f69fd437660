#include <troupe/core/detail/mixing.hpp>
#include <troupe/testing/sequential_models.hpp>

namespace troupe::testing {

std::optional<register_model::state> register_model::step(const state& is, const operation& what) {
  switch (what.is) {
    case kind::read:
      if (what.known && what.value != is) return std::nullopt;
      return is;
    case kind::write: return what.value;
    case kind::compare_and_set:
      if (what.known && what.changed != (is == what.expected)) return std::nullopt;
      return is == what.expected ? what.value : is;
  }
  return std::nullopt;
}

std::uint64_t register_model::digest(const state& is) noexcept {
  return is ? detail::mixed(static_cast<std::uint64_t>(*is)) : 1;
}

log_contents appended(const log_contents& log, std::int64_t value) noexcept {
  const auto bits = static_cast<std::uint64_t>(value);
  return {log.size + 1, detail::mixed(log.digest * 3 + detail::mixed(bits) + 1)};
}

std::optional<log_model::state> log_model::step(const state& is, const operation& what) {
  const auto after = what.is == kind::append ? appended(is, what.value) : is;
  if (what.known && what.seen != after) return std::nullopt;
  return after;
}

}  // namespace troupe::testing
