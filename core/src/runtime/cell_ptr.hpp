// Shared ownership of cells, counted inside the cell.
#pragma once

#include <utility>

namespace troupe::runtime {

class cell;

class cell_ptr {
 public:
  cell_ptr() = default;
  explicit cell_ptr(cell* raw) noexcept;
  /// Takes over a count instead of adding one.
  static cell_ptr adopt(cell* raw) noexcept {
    cell_ptr taken;
    taken.raw_ = raw;
    return taken;
  }
  cell_ptr(const cell_ptr& other) noexcept : cell_ptr(other.raw_) {}
  cell_ptr(cell_ptr&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  cell_ptr& operator=(cell_ptr other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~cell_ptr();

  /// Gives its count to the caller.
  cell* release() noexcept { return std::exchange(raw_, nullptr); }

  cell* get() const noexcept { return raw_; }
  cell& operator*() const noexcept { return *raw_; }
  cell* operator->() const noexcept { return raw_; }
  explicit operator bool() const noexcept { return raw_ != nullptr; }

 private:
  cell* raw_ = nullptr;
};

}  // namespace troupe::runtime
