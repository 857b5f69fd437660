// Memory for what is made and freed all the time: envelopes and cells.
#pragma once

#include <cstddef>

namespace troupe::runtime {

/// Blocks of `pool_granule` to `pool_most` bytes, in steps of `pool_granule`; larger ones come from
/// operator new. Each thread keeps magazines of free blocks and trades full ones with a depot
/// (Bonwick and Adams, 2001), so that a block freed by another thread than its maker costs no more.
///
/// 8-byte aligned; 16-byte aligned when the size is a multiple of 16. Any thread. What was once
/// taken from the system stays with the pool for reuse, as high as it ever was.
inline constexpr std::size_t pool_granule = 8;
inline constexpr std::size_t pool_most = 512;

[[nodiscard]] void* pool_allocate(std::size_t bytes);
/// `bytes` as they were asked for.
void pool_free(void* block, std::size_t bytes) noexcept;

}  // namespace troupe::runtime
