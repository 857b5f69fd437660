// Where the parts of a cell lie in its memory.
#pragma once

#include "runtime/cell.hpp"
#include "runtime/kin.hpp"
#include "runtime/kind.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace troupe::runtime {

constexpr std::size_t align_up(std::size_t n, std::size_t to) noexcept {
  return (n + to - 1) / to * to;
}

/// Where the parts of a cell lie behind its 64 bytes.
struct layout {
  std::size_t state, id, align;
};
inline layout layout_of(const kind& k) noexcept {
  const auto align = std::max(k.type->align, alignof(cell));
  const auto state = align_up(sizeof(cell) + (k.entity ? 0 : sizeof(kin)), align);
  return {state, state + k.type->size, align};
}

/// From this on an id's size does not fit into the cell's byte for it.
inline constexpr std::uint8_t long_id = 255;
constexpr std::size_t bytes_of_id(std::size_t size) noexcept {
  return size < long_id ? size : sizeof(std::uint16_t) + size;
}

}  // namespace troupe::runtime
