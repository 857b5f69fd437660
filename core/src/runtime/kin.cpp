#include "runtime/kin.hpp"

#include "runtime/cell.hpp"

namespace troupe::runtime {

void children::add(cell& child) noexcept {
  auto& links = child.family();
  links.older = youngest_;
  links.younger = nullptr;
  if (youngest_) youngest_->family().younger = &child;
  youngest_ = &child;
}

void children::remove(cell& child) noexcept {
  auto& links = child.family();
  if (links.younger) {
    links.younger->family().older = links.older;
  } else {
    youngest_ = links.older;
  }
  if (links.older) links.older->family().younger = links.younger;
  links.older = links.younger = nullptr;
}

}  // namespace troupe::runtime
