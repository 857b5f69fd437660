#include <troupe/core/detail/mixing.hpp>
#include <troupe/testing/trace.hpp>

#include <utility>

namespace troupe::testing {

namespace {

std::uint64_t with(std::uint64_t hash, std::uint64_t value) {
  return detail::mixed(hash * detail::mixing_step + value + 1);
}

std::string stamp(sim_time when) {
  return std::to_string(when.count() / 1000) + " us  ";
}

}  // namespace

void trace::add(sim_time when, std::string_view what, std::uint64_t a, std::uint64_t b,
                std::uint64_t c) {
  std::uint64_t text = 0xcbf29ce484222325u;  // FNV-1a
  for (const char letter : what) {
    text = (text ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  }
  hash_ = with(hash_, text + static_cast<std::uint64_t>(when.count()) * 31);
  hash_ = with(hash_, a + b * detail::mixing_step + c * 0xbf58476d1ce4e5b9u);
  ++size_;
  if (!keeps()) return;
  keep_line(stamp(when) + std::string{what} + ' ' + std::to_string(a) + ' ' + std::to_string(b) +
            ' ' + std::to_string(c));
}

void trace::note(sim_time when, std::string_view text) {
  if (keeps()) keep_line(stamp(when) + std::string{text});
}

void trace::keep_line(std::string line) {
  kept_.push_back(std::move(line));
  if (kept_.size() > kept_most_) kept_.pop_front();
}

}  // namespace troupe::testing
