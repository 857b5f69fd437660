// One system call that writes what lies in many places, and never waits.
#pragma once

#include "net/asio.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace troupe::net {

/// Writes from the front of `pieces` to the stream socket `fd` as much as it takes now. Answers how
/// many bytes that were; 0 with an error in `ec`, or without one when it takes nothing now. Any
/// thread may call while the socket is open and nobody else writes.
std::size_t gather_write(int fd, std::span<const std::string_view> pieces, error_code& ec);

}  // namespace troupe::net
