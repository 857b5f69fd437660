#include <troupe/supervision/quarantine.hpp>

#include <algorithm>
#include <utility>

namespace troupe::supervision {

bool quarantine::patient::has_set_aside(std::uint32_t after) const {
  return std::ranges::any_of(suspects, [after](const suspect& s) {
    return std::ranges::any_of(s.known, [after](const poison& p) { return p.crashes >= after; });
  });
}

bool quarantine::knows(std::string_view id, time_point now) {
  const auto found = patients_.find(id);
  if (found == patients_.end()) return false;
  if (now - found->second.last < memory || found->second.has_set_aside(after_)) return true;
  patients_.erase(found);
  return false;
}

quarantine::suspect* quarantine::find(std::string_view id, std::string_view message) {
  const auto found = patients_.find(id);
  if (found == patients_.end()) return nullptr;
  auto& all = found->second.suspects;
  const auto at = std::ranges::find(all, message, &suspect::message);
  return at == all.end() ? nullptr : &*at;
}

bool quarantine::suspects(std::string_view id, std::string_view message) {
  return find(id, message) != nullptr;
}

bool quarantine::refuses(std::string_view id, std::string_view message, std::string_view bytes) {
  auto* const like = find(id, message);
  if (!like) return false;
  const auto one = std::ranges::find(like->known, bytes, &poison::bytes);
  if (one == like->known.end() || one->crashes < after_) return false;
  ++one->refused;
  return true;
}

quarantine::suspect& quarantine::suspect_of(std::string_view id, std::string_view message,
                                            time_point now) {
  auto found = patients_.find(id);
  if (found == patients_.end()) {
    make_room(now);
    found = patients_.emplace(std::string{id}, patient{}).first;
  }
  auto& [all, last] = found->second;
  if (now - last >= memory && !found->second.has_set_aside(after_)) all.clear();
  last = now;
  const auto at = std::ranges::find(all, message, &suspect::message);
  if (at != all.end()) return *at;
  if (all.size() >= most_messages) all.erase(all.begin());
  return all.emplace_back(suspect{std::string{message}, 0, {}});
}

const poison* quarantine::crashed(std::string_view id, std::string_view message,
                                  std::optional<std::string> bytes, std::string_view what,
                                  time_point now) {
  if (after_ == 0) return nullptr;
  auto& like = suspect_of(id, message, now);
  if (bytes && bytes->size() > most_bytes) return nullptr;
  if (!bytes) return like.unknown = 1, nullptr;
  auto& known = like.known;
  auto one = std::ranges::find(known, *bytes, &poison::bytes);
  if (one == known.end()) {
    if (known.size() >= most_messages) known.erase(known.begin());
    known.push_back({std::string{id},
                     std::string{message},
                     std::move(*bytes),
                     std::exchange(like.unknown, 0),
                     0,
                     {}});
    one = known.end() - 1;
  }
  one->what = what;
  return ++one->crashes >= after_ ? &*one : nullptr;
}

void quarantine::make_room(time_point now) {
  if (patients_.size() < most_entities) return;
  std::erase_if(patients_, [&](const auto& entry) {
    return now - entry.second.last >= memory && !entry.second.has_set_aside(after_);
  });
  if (patients_.size() < most_entities) return;
  patients_.erase(
      std::ranges::min_element(patients_, {}, [](const auto& entry) { return entry.second.last; }));
}

std::vector<poison> quarantine::set_aside() const {
  std::vector<poison> all;
  for (const auto& [id, one] : patients_) {
    for (const auto& like : one.suspects) {
      std::ranges::copy_if(like.known, std::back_inserter(all),
                           [this](const poison& p) { return p.crashes >= after_; });
    }
  }
  return all;
}

bool quarantine::release(std::string_view id) {
  const auto found = patients_.find(id);
  if (found == patients_.end()) return false;
  patients_.erase(found);
  return true;
}

}  // namespace troupe::supervision
