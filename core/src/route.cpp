#include "runtime/cell.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/pool.hpp"
#include "runtime/remote_ask.hpp"
#include <troupe/core/detail/end_listener.hpp>
#include <troupe/core/detail/route.hpp>

#include <atomic>
#include <utility>

namespace troupe::detail {

/// A place that is not on this node, or not an actor's.
struct route::far {
  std::shared_ptr<carrier> via;
  place to;
  std::atomic<std::uint32_t> references{1};

  static void* operator new(std::size_t size) { return runtime::pool_allocate(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    runtime::pool_free(memory, size);
  }
};

namespace {
constexpr std::uintptr_t far_bit = 1;
}

route::route(std::shared_ptr<carrier> via, place to)
    : word_(reinterpret_cast<std::uintptr_t>(new far{std::move(via), std::move(to)}) | far_bit) {}

route::route(runtime::cell& actor) noexcept : word_(reinterpret_cast<std::uintptr_t>(&actor)) {
  actor.keep();
}

route::route(runtime::cell_ptr actor) noexcept
    : word_(reinterpret_cast<std::uintptr_t>(actor.release())) {}

route::far* route::away() const noexcept {
  return (word_ & far_bit) ? reinterpret_cast<far*>(word_ & ~far_bit) : nullptr;
}

runtime::cell* route::cell() const noexcept {
  return (word_ & far_bit) ? nullptr : reinterpret_cast<runtime::cell*>(word_);
}

const place& route::far_place() const noexcept {
  static const place nowhere;
  const auto* f = away();
  return f ? f->to : nowhere;
}

const std::shared_ptr<carrier>& route::via() const noexcept {
  static const std::shared_ptr<carrier> none;
  const auto* f = away();
  return f ? f->via : none;
}

void route::share() const noexcept {
  if (auto* f = away()) {
    f->references.fetch_add(1, std::memory_order_relaxed);
  } else if (auto* c = cell()) {
    c->keep();
  }
}

void route::leave() noexcept {
  if (auto* c = cell()) return c->leave();
  auto* f = away();  // there is one; g++ 12 cannot know, and warns
  if (f && f->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete f;
}

errc route::send(envelope_ptr message) const {
  if (auto* c = cell()) {
    const errc pushed = c->push(message);
    if (pushed == errc::ok) return pushed;
    return runtime::refuse(*c, *message, pushed, runtime::events_here());
  }
  if (const auto& carrier = via()) return carrier->send(far_place(), std::move(message));
  runtime::refuse(*message, errc::stopped, "this reference points nowhere");
  return errc::stopped;
}

errc route::watch(const std::shared_ptr<end_listener>& who) const {
  if (const auto& carrier = via()) return carrier->watch(far_place(), who);
  if (auto* c = cell()) {
    c->watch(who);
  } else {
    who->ended({});
  }
  return errc::ok;
}

void route::unwatch(const std::shared_ptr<end_listener>& who) const {
  if (const auto& carrier = via()) return carrier->unwatch(far_place(), who);
  if (auto* c = cell()) c->unwatch(who);
}

place route::whereabouts() const {
  auto* c = cell();
  if (!c) return far_place();
  if (!c->has_ended()) c->services().introduce(*c);
  return {c->made_as().node, c->known_number()};
}

bool operator==(const route& a, const route& b) noexcept {
  return (a <=> b) == 0;
}

// By node and number, or by id: a place that turned out to be on this node is the same place.
std::strong_ordering operator<=>(const route& a, const route& b) noexcept {
  if (a.word_ == b.word_) return std::strong_ordering::equal;
  const auto key = [](const route& r) -> std::pair<std::string_view, std::uint64_t> {
    if (auto* c = r.cell()) return {c->made_as().node, c->known_number()};
    return {r.far_place().name, r.far_place().number};
  };
  return key(a) <=> key(b);
}

}  // namespace troupe::detail
