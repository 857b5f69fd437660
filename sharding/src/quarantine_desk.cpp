#include "quarantine_desk.hpp"

#include "inside.hpp"
#include <troupe/core/wire.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace troupe::sharding {

namespace {

constexpr const char* was_set_aside =
    "the entity crashed on such a message too often: it is set aside";

/// The first bytes of a message, for a log line.
std::string hex(std::string_view bytes) {
  static constexpr std::size_t most = 64;
  static constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace

void quarantine_desk::open(std::uint32_t after) {
  const std::lock_guard lock{mutex_};
  known_ = supervision::quarantine{after};
  any_ = false;
}

bool quarantine_desk::knows(std::string_view id) {
  if (!any_) return false;
  const std::lock_guard lock{mutex_};
  return known_.knows(id, std::chrono::steady_clock::now());
}

bool quarantine_desk::lets_in(std::string_view id, detail::envelope& message,
                              std::optional<std::string>& bytes) {
  if (!message.what->encode) return true;
  const std::string_view name = message.what->name;
  {
    const std::lock_guard lock{mutex_};
    if (!known_.suspects(id, name)) return true;
  }
  try {
    writer out{bytes.emplace()};
    message.what->encode(message.payload(), out);
  } catch (...) {  // a user's codec; its handler may do better
    bytes.reset();
    return true;
  }
  {
    const std::lock_guard lock{mutex_};
    if (!known_.refuses(id, name, *bytes)) return true;
  }
  (void)node_.events().refuse({type_, id}, message, errc::crashed, was_set_aside);
  return false;
}

void quarantine_desk::crashed(std::string_view id, const detail::handler& message,
                              std::optional<std::string> bytes, std::string_view thrown) {
  std::optional<supervision::poison> now_aside;
  {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    if (const auto* const p = known_.crashed(id, message.name, std::move(bytes), thrown, now)) {
      now_aside = *p;
    }
    any_ = true;
  }
  if (now_aside) tell(*now_aside);
}

void quarantine_desk::tell(const supervision::poison& what) {
  node_.log().error("message set aside", {{"behaviour", type_},
                                          {"id", what.id},
                                          {"message", what.message},
                                          {"crashes", what.crashes},
                                          {"what", what.what},
                                          {"size", what.bytes.size()},
                                          {"bytes", hex(what.bytes)}});
  auto& events = node_.events();
  if (!events.heard()) return;
  events.tell(message_set_aside{type_, what.id, what.message, what.bytes, what.crashes, what.what});
}

std::vector<supervision::poison> quarantine_desk::set_aside() {
  const std::lock_guard lock{mutex_};
  return known_.set_aside();
}

bool quarantine_desk::release(std::string_view id) {
  const std::lock_guard lock{mutex_};
  return known_.release(id);
}

}  // namespace troupe::sharding
