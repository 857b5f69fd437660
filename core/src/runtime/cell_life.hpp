// How a cell begins, crashes, starts afresh and ends.
#pragma once

#include "runtime/cell.hpp"

namespace troupe::runtime {

/// What a crash report says of a throw that carries no text.
inline constexpr auto unknown_throw = "something that is no std::exception";

}  // namespace troupe::runtime
