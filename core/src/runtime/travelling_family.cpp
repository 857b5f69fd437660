#include "runtime/travelling_family.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace troupe::runtime {

namespace {

constexpr std::size_t most_generations = 10;  // a reader follows 64 structures in each other

std::size_t generations(const luggage& has) {
  std::size_t below = 0;
  for (const auto& c : has.children) below = std::max(below, generations(c.has));
  return below + 1;
}

template <class F>
void tell(cell& whom, F act) {
  auto message = make_signal<detail::lane::signal>(std::move(act));
  (void)whom.push_own(message);
}

template <class F>
void each_child(cell& c, const F& act) {
  for (auto* one = c.extra().offspring.youngest(); one;) {
    act(*std::exchange(one, one->family().older));
  }
}

}  // namespace

const char* travelling_family::obstacle(cell& child) {
  const auto* const kit = arriving_cell::kit_of(child);
  if (child.type().stays_put) return nullptr;
  if (!kit || child.extra().name.empty()) {
    return "it has no id: start it by ctx.spawn_as, or let its behaviour say stays_put";
  }
  if (kit->save || kit->only_children) return nullptr;
  return "its state cannot be encoded: give its behaviour fields(), or let it say stays_put";
}

family_at_rest* travelling_family::under_way(cell& c, const std::shared_ptr<freezing>& wish) {
  auto* const d = c.extra().departing.get();
  return d && d->wish == wish && c.phase_ != cell::phase::frozen ? &d->family : nullptr;
}

bool travelling_family::is_at_rest(cell& c) {
  auto& d = *c.extra().departing;
  if (std::exchange(d.family.was_asked, true)) return d.family.awaited == 0;
  d.family.has_grown = false;
  each_child(c, [&](cell& child) {
    ++d.family.awaited;
    freeze_child(c, child, d.wish);
  });
  return d.family.awaited == 0;
}

// A child gives up a little earlier, so that its reason is known in time.
void travelling_family::freeze_child(cell& c, cell& child, const std::shared_ptr<freezing>& wish) {
  const cell_ptr parent{&c};
  auto at_rest = [wish, parent](bool comes_along) {
    tell(*parent,
         [wish, comes_along](cell& p, cell_context&) { has_come_to_rest(p, wish, comes_along); });
  };
  auto done = [wish, parent](cell& one, result<luggage> outcome) {
    result<packed_child> all = error{outcome.code(), {}};
    if (outcome) {
      all = packed_child{one.extra().name, std::string{one.type().name}, std::move(*outcome)};
    } else {
      all = outcome.why();
    }
    tell(*parent, [wish, who = cell_ptr{&one}, all = std::move(all)](cell& p, cell_context&) {
      was_packed(p, wish, *who, all);
    });
  };
  travelling_cell::send_wish(
      child, std::make_shared<freezing>(wish, wish->until() - 2 * travelling_cell::patience,
                                        std::move(done), std::move(at_rest)));
}

void travelling_family::has_come_to_rest(cell& c, const std::shared_ptr<freezing>& wish,
                                         bool comes_along) {
  auto* const family = under_way(c, wish);
  if (!family) return;
  --family->awaited;
  family->coming += comes_along ? 1 : 0;
}

bool travelling_family::is_packed(cell& c, luggage& into) {
  auto& family = c.extra().departing->family;
  if (!std::exchange(family.is_packing, true)) {
    if (family.has_grown)
      return travelling_cell::refuse(c, errc::refused, "it has started a child meanwhile"), false;
    if (family.coming > most_children) {
      return travelling_cell::refuse(c, errc::refused, "it has more than 10000 children"), false;
    }
    family.awaited = family.coming;
    each_child(c, [](cell& child) {
      tell(child, [](cell& one, cell_context&) {
        auto* const d = one.extra().departing.get();
        if (!d || !d->wish->is_of_child()) return;
        d->may_pack = true;
        if (one.phase_ != cell::phase::running) travelling_cell::came_to_rest(one);
      });
    });
  }
  if (family.awaited > 0) return false;
  into.children = std::move(family.packed);
  std::ranges::sort(into.children, {}, &packed_child::id);
  const auto twice = std::ranges::adjacent_find(into.children, {}, &packed_child::id);
  if (twice == into.children.end()) return true;
  return travelling_cell::refuse(c, errc::refused, "two of its children have the id " + twice->id),
         false;
}

void travelling_family::was_packed(cell& c, const std::shared_ptr<freezing>& wish, cell& child,
                                   result<packed_child> outcome) {
  auto* const family = under_way(c, wish);
  if (!family) return;
  if (!outcome) {
    const auto& why = outcome.why();
    const auto code = why.code == errc::timeout ? errc::timeout : errc::refused;
    return travelling_cell::refuse(c, code,
                                   "its child " + std::string{child.type().name} + " (" +
                                       std::to_string(child.known_number()) + "): " + why.what);
  }
  if (generations(outcome->has) >= most_generations) {
    return travelling_cell::refuse(c, errc::refused, "it has more than 10 generations of children");
  }
  --family->awaited;
  family->packed.push_back(std::move(*outcome));
}

void travelling_family::thaw(cell& c) {
  each_child(c, [](cell& child) { travelling_cell::thaw(child); });
}

void travelling_family::leave(cell& c) {
  each_child(c, [](cell& child) {
    travelling_cell::leave(child);
    child.stop();
  });
}

}  // namespace troupe::runtime
