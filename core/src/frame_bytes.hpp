// Memory in which frames are written.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace troupe::detail {

/// The bytes of a frame that is being written: empty at first, in memory that the thread keeps for
/// its next one. Several may exist at a time; the thread keeps memory for two.
class frame_bytes {
 public:
  frame_bytes() noexcept : level_(kept().in_use++) {
    if (level_ < kept().of_level.size()) bytes_.swap(kept().of_level[level_]);
    bytes_.clear();
  }
  ~frame_bytes() {
    auto& memory = kept();
    --memory.in_use;
    if (level_ >= memory.of_level.size() || bytes_.capacity() > most_kept) return;
    auto& before = memory.of_level[level_];
    if (bytes_.capacity() > before.capacity()) bytes_.swap(before);
  }
  frame_bytes(const frame_bytes&) = delete;
  frame_bytes& operator=(const frame_bytes&) = delete;

  [[nodiscard]] std::string& operator*() noexcept { return bytes_; }
  [[nodiscard]] std::string* operator->() noexcept { return &bytes_; }

 private:
  static constexpr std::size_t most_kept = std::size_t{16} << 10;

  struct memory_of_thread {
    std::array<std::string, 2> of_level;
    std::size_t in_use = 0;
  };
  static memory_of_thread& kept() noexcept {
    static thread_local memory_of_thread memory;
    return memory;
  }

  const std::size_t level_;
  std::string bytes_;
};

}  // namespace troupe::detail
