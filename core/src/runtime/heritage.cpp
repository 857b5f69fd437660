#include "runtime/heritage.hpp"

#include "inside.hpp"
#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"

#include <algorithm>
#include <utility>

namespace troupe::runtime {

namespace {

bool is_above(cell& maker, cell& parent) {
  for (auto* one = &parent; one; one = one->made_as().entity ? nullptr : one->family().parent) {
    if (one == &maker) return true;
  }
  return false;
}

}  // namespace

void heritage::leave_to(cell& whose, detail::node_inside& here, std::vector<packed_child> all) {
  if (all.empty()) return;
  auto made = std::make_shared<heritage>(here, std::move(all));
  whose.extra().brought = made;
  here.clockwork().call(std::chrono::steady_clock::now() + patience, [made] { made->close(); });
}

// A parent that was made with a heritage has it since before others knew it.
void heritage::give(cell& maker, cell& parent, cell& child) {
  if (!maker.extra().brought || !is_above(maker, parent)) return;
  const auto from = parent.extra().brought;
  const auto& own = child.extra();
  if (!from || own.name.empty()) return;
  if (auto has = from->take(own.name, child.type().name)) {
    arriving_cell::bring(child, from->here_, std::move(*has));
  }
}

std::optional<luggage> heritage::take(std::string_view id, std::string_view behaviour) {
  const std::lock_guard lock{mutex_};
  const auto found = std::ranges::find_if(
      all_, [&](const packed_child& c) { return c.id == id && c.behaviour == behaviour; });
  if (found == all_.end()) return std::nullopt;
  auto has = std::move(found->has);
  all_.erase(found);
  return has;
}

bool heritage::is_open() {
  const std::lock_guard lock{mutex_};
  return !all_.empty();
}

void heritage::close() {
  std::vector<packed_child> rest;
  {
    const std::lock_guard lock{mutex_};
    rest.swap(all_);
  }
  for (const auto& one : rest) refuse(one);
}

void heritage::refuse(const packed_child& one) {
  here_.log().warn("a child that has moved with its entity was not started again, and is lost",
                   {{"behaviour", one.behaviour}, {"id", one.id}});
  const error why{errc::stopped, "the actor was not started again where its entity has moved"};
  for (const auto& m : one.has.waiting) runtime::refuse(m, {one.behaviour, one.id}, here_, why);
  for (const auto& m : one.has.stashed) runtime::refuse(m, {one.behaviour, one.id}, here_, why);
  for (const auto& below : one.has.children) refuse(below);
}

}  // namespace troupe::runtime
