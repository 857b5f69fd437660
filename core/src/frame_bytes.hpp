// Memory in which frames are written.
#pragma once

#include <string>

namespace troupe::detail {

/// The bytes of a frame that is being written: empty at first, in memory that the thread keeps for
/// its next one. Several may exist at a time.
class frame_bytes {
 public:
  frame_bytes() noexcept {
    bytes_.swap(kept());
    bytes_.clear();
  }
  ~frame_bytes() {
    if (bytes_.capacity() <= most_kept && bytes_.capacity() > kept().capacity()) {
      bytes_.swap(kept());
    }
  }
  frame_bytes(const frame_bytes&) = delete;
  frame_bytes& operator=(const frame_bytes&) = delete;

  [[nodiscard]] std::string& operator*() noexcept { return bytes_; }
  [[nodiscard]] std::string* operator->() noexcept { return &bytes_; }

 private:
  static constexpr std::size_t most_kept = std::size_t{16} << 10;

  static std::string& kept() noexcept {
    static thread_local std::string memory;
    return memory;
  }

  std::string bytes_;
};

}  // namespace troupe::detail
