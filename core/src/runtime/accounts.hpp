// What the cells of each kind cost, as one writer counts it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace troupe::runtime {

/// Written by one thread, read by any.
struct kind_account {
  std::atomic<std::uint64_t> messages{0}, busy_us{0}, waited_us{0}, bytes_in{0}, bytes_out{0};

  static void add(std::atomic<std::uint64_t>& to, std::uint64_t more) noexcept {
    to.store(to.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
};

/// One for each kind, by its index. One writer.
class accounts {
 public:
  static constexpr std::size_t most = 4096;  ///< kinds from here on share the last place

  accounts() = default;
  accounts(const accounts&) = delete;
  accounts& operator=(const accounts&) = delete;
  ~accounts() {
    for (auto& b : blocks_) delete b.load();
  }

  /// The writer.
  kind_account& of(std::uint32_t index) {
    const auto i = index < most ? index : most - 1;
    auto& place = blocks_[i / block_size];
    auto* b = place.load(std::memory_order_relaxed);
    if (!b) place.store(b = new block, std::memory_order_release);
    return (*b)[i % block_size];
  }
  /// Any thread; null: nothing counted yet.
  [[nodiscard]] const kind_account* find(std::uint32_t index) const noexcept {
    const auto i = index < most ? index : most - 1;
    const auto* b = blocks_[i / block_size].load(std::memory_order_acquire);
    return b ? &(*b)[i % block_size] : nullptr;
  }

 private:
  static constexpr std::size_t block_size = 64;
  using block = std::array<kind_account, block_size>;
  std::array<std::atomic<block*>, most / block_size> blocks_{};
};

/// Chooses about one in 64, without a pattern that work could fall in with. Not shared.
class sampler {
 public:
  static constexpr std::uint32_t weight = 64;  ///< what one sample stands for
  [[nodiscard]] bool next() noexcept {
    if (--left_ != 0) return false;
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    left_ = 1 + state_ % (2 * weight - 1);
    return true;
  }

 private:
  std::uint32_t left_ = weight / 2;
  std::uint32_t state_ = 2463534242u;  // Marsaglia's xorshift (2003)
};

}  // namespace troupe::runtime
