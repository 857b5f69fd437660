#include <troupe/supervision/quarantine.hpp>

#include <algorithm>
#include <utility>

namespace troupe::supervision {

namespace {

std::size_t bytes_of(const poison& one) noexcept {
  return one.id.size() + one.message.size() + one.bytes.size() + one.what.size();
}

std::size_t bytes_of(const std::vector<poison>& all) noexcept {
  std::size_t sum = 0;
  for (const auto& one : all) sum += bytes_of(one);
  return sum;
}

}  // namespace

bool quarantine::patient::has_set_aside(std::uint32_t after) const {
  return std::ranges::any_of(suspects, [after](const suspect& s) {
    return std::ranges::any_of(s.known, [after](const poison& p) { return p.crashes >= after; });
  });
}

bool quarantine::knows(std::string_view id, time_point now) {
  const auto found = patients_.find(id);
  if (found == patients_.end()) return false;
  if (now - found->second.last < memory || found->second.has_set_aside(after_)) return true;
  forget(found);
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

quarantine::patient& quarantine::patient_of(std::string_view id, time_point now) {
  auto found = patients_.find(id);
  if (found == patients_.end()) {
    make_room(now);
    found = patients_.emplace(std::string{id}, patient{}).first;
  }
  auto& one = found->second;
  if (now - one.last >= memory && !one.has_set_aside(after_)) {
    one.suspects.clear();
    count(one, 0, one.bytes);
  }
  one.last = now;
  return one;
}

quarantine::suspect& quarantine::suspect_of(patient& whose, std::string_view message) {
  auto& all = whose.suspects;
  const auto at = std::ranges::find(all, message, &suspect::message);
  if (at != all.end()) return *at;
  if (all.size() >= most_messages) {
    count(whose, 0, bytes_of(all.front().known));
    all.erase(all.begin());
  }
  return all.emplace_back(suspect{std::string{message}, 0, {}});
}

poison& quarantine::poison_of(patient& whose, suspect& like, poison what) {
  auto& known = like.known;
  const auto one = std::ranges::find(known, what.bytes, &poison::bytes);
  if (one != known.end()) return *one;
  if (known.size() >= most_messages) {
    count(whose, 0, bytes_of(known.front()));
    known.erase(known.begin());
  }
  count(whose, bytes_of(what), 0);
  what.crashes = std::exchange(like.unknown, 0);
  return known.emplace_back(std::move(what));
}

const poison* quarantine::crashed(std::string_view id, std::string_view message,
                                  std::optional<std::string> bytes, std::string_view what,
                                  time_point now) {
  if (after_ == 0) return nullptr;
  auto& whose = patient_of(id, now);
  auto& like = suspect_of(whose, message);
  if (bytes && bytes->size() > most_bytes) return nullptr;
  if (!bytes) return like.unknown = 1, nullptr;
  auto& one =
      poison_of(whose, like, {std::string{id}, std::string{message}, std::move(*bytes), 0, 0, {}});
  const auto thrown = what.substr(0, longest_text);
  count(whose, thrown.size(), one.what.size());
  one.what = thrown;
  make_room_beside(id);
  return ++one.crashes >= after_ ? &one : nullptr;
}

void quarantine::make_room(time_point now) {
  if (patients_.size() < most_entities) return;
  for (auto it = patients_.begin(); it != patients_.end();) {
    const auto one = it++;
    if (now - one->second.last >= memory && !one->second.has_set_aside(after_)) forget(one);
  }
  if (patients_.size() < most_entities) return;
  forget(
      std::ranges::min_element(patients_, {}, [](const auto& entry) { return entry.second.last; }));
}

// Never those of the one that crashed just now.
void quarantine::make_room_beside(std::string_view id) {
  while (bytes_ > most_bytes_in_all) {
    auto oldest = patients_.end();
    for (auto it = patients_.begin(); it != patients_.end(); ++it) {
      if (it->second.bytes == 0 || it->first == id) continue;
      if (oldest == patients_.end() || it->second.last < oldest->second.last) oldest = it;
    }
    if (oldest == patients_.end()) return;  // its own are few
    forget(oldest);
  }
}

void quarantine::count(patient& whose, std::size_t more, std::size_t less) noexcept {
  whose.bytes += more - less;
  bytes_ += more - less;
}

void quarantine::forget(patients::iterator whom) noexcept {
  bytes_ -= whom->second.bytes;
  patients_.erase(whom);
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
  forget(found);
  return true;
}

}  // namespace troupe::supervision
