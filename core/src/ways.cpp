#include "ways.hpp"

#include <atomic>
#include <cstddef>

namespace troupe::detail {

ways::shelf& ways::own_shelf() noexcept {
  static std::atomic<std::size_t> threads{0};
  constinit thread_local std::size_t mine = 0;  // 0: none yet
  if (mine == 0) mine = ++threads;
  return shelves_[mine % shelves_.size()];
}

}  // namespace troupe::detail
