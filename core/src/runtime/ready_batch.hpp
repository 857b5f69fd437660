// Cells that a thread outside of all hosts makes ready one after another, handed over together.
#pragma once

#include <array>
#include <cstdint>

namespace troupe::runtime {

class cell;
class hosts;

/// While one lives on a thread that is no worker's, cells that become ready there wait in it, so
/// that many of them cost one locking of the common queue and wake a host once.
///
/// They are handed over when `most` wait, when their hosts are others, by `hand_over`, and at its
/// end. Whoever has one must not wait for what such a cell does. One a thread; belongs to it.
class ready_batch {
 public:
  static constexpr std::uint32_t most = 128;

  ready_batch() noexcept;
  ~ready_batch();
  ready_batch(const ready_batch&) = delete;
  ready_batch& operator=(const ready_batch&) = delete;

  /// That of the calling thread, or null.
  [[nodiscard]] static ready_batch* here() noexcept;
  void add(hosts& to, cell& ready) noexcept;
  void hand_over() noexcept;

 private:
  hosts* to_ = nullptr;
  std::uint32_t count_ = 0;
  std::array<cell*, most> cells_;
};

}  // namespace troupe::runtime
