#include "net/assembly.hpp"

#include <utility>

namespace troupe::net {

result<void> assembly::check(std::string_view piece) const {
  if (piece.size() <= limit_ - bytes_.size()) return {};
  return {errc::too_large, "a frame in pieces has more than the " + std::to_string(limit_) +
                               " bytes that are taken here"};
}

result<void> assembly::add(std::string_view piece) {
  if (std::exchange(is_whole_, false)) bytes_.clear();
  if (piece.empty())
    return {errc::malformed, "an empty piece of a frame came, and not as its last"};
  if (auto checked = check(piece); !checked.ok()) return checked;
  used_ = true;
  bytes_ += piece;
  return {};
}

result<std::string_view> assembly::finish(std::string_view piece) {
  if (std::exchange(is_whole_, false)) bytes_.clear();
  if (const auto checked = check(piece); !checked.ok()) return checked.why();
  if (bytes_.empty()) return piece;
  bytes_ += piece;
  is_whole_ = true;
  return std::string_view{bytes_};
}

void assembly::rest() {
  if (std::exchange(used_, false) || bytes() > 0) return;
  is_whole_ = false;
  std::string().swap(bytes_);
}

}  // namespace troupe::net
