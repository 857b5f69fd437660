// One message in memory for many receivers.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <cstddef>

namespace troupe::detail {

struct shared_batch;

/// What an envelope carries instead of a message of its own; made in batches (multicast.hpp).
struct shared_part {
  void* message = nullptr;
  shared_batch* batch = nullptr;
};

/// Its receiver has handled, or dropped, the `shared_part`.
void leave_shared(void* part) noexcept;

}  // namespace troupe::detail
