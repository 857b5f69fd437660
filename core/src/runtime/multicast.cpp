#include "runtime/multicast.hpp"

#include "runtime/cell.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/hosts.hpp"
#include "runtime/pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {

struct sharer::original {
  detail::envelope_ptr message;
  std::atomic<std::uint32_t> users{1};  // batches, and the sharer

  void leave() noexcept {
    if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
};

}  // namespace troupe::runtime

namespace troupe::detail {

/// Envelopes that are allocated together, so that those who handle them at the same time count
/// in a place of their own.
struct shared_batch {
  static constexpr std::uint32_t most = 64;
  struct slot {
    envelope head;
    shared_part part;
  };
  static_assert(offsetof(slot, part) == envelope::payload_offset);

  runtime::sharer::original* of = nullptr;
  std::uint32_t size = 0;
  std::atomic<std::uint32_t> users{0};

  [[nodiscard]] static std::size_t bytes(std::uint32_t slots) noexcept {
    return sizeof(shared_batch) + slots * sizeof(slot);
  }
  [[nodiscard]] slot* slots() noexcept { return reinterpret_cast<slot*>(this + 1); }
  void leave(std::uint32_t how_many) noexcept {
    if (users.fetch_sub(how_many, std::memory_order_acq_rel) != how_many) return;
    of->leave();
    runtime::pool_free(this, bytes(size));
  }
};
static_assert(sizeof(shared_batch) % alignof(std::max_align_t) == 0);

void leave_shared(void* part) noexcept {
  auto* batch = static_cast<shared_part*>(part)->batch;
  envelope::around(part).~envelope();
  batch->leave(1);
}

}  // namespace troupe::detail

namespace troupe::runtime {

using detail::shared_batch;

namespace {
// Receivers: threads of other processes, which were woken meanwhile, need not wait for the end.
constexpr std::size_t gives_way_every = 128;
}  // namespace

sharer::sharer(detail::envelope_ptr message, std::size_t expected)
    : original_(new original{std::move(message)}),
      left_(expected),
      outer_(hosts::readies_many(expected > shared_batch::most)) {}

sharer::~sharer() {
  hosts::readies_many(outer_);
  end_batch();
  original_->leave();
}

void sharer::begin_batch() {
  const auto size = static_cast<std::uint32_t>(
      std::min<std::size_t>(std::max<std::size_t>(left_, 1), shared_batch::most));
  batch_ = ::new (pool_allocate(shared_batch::bytes(size))) shared_batch;
  batch_->of = original_;
  batch_->size = size;
  batch_->users.store(size, std::memory_order_relaxed);
  original_->users.fetch_add(1, std::memory_order_relaxed);
  ungiven_ = size;
}

void sharer::end_batch() noexcept {
  if (ungiven_ > 0) batch_->leave(std::exchange(ungiven_, 0));
}

detail::envelope_ptr sharer::next() {
  if (ungiven_ == 0) begin_batch();
  if (left_ > 0) --left_;
  auto* slot = ::new (batch_->slots() + (batch_->size - ungiven_--)) shared_batch::slot;
  slot->head.what = original_->message->what->shared;
  slot->part = {original_->message->payload(), batch_};
  return detail::envelope_ptr{&slot->head};
}

void send_many(const detail::route_range& to, detail::envelope_ptr message) {
  std::map<std::shared_ptr<detail::carrier>, std::vector<const detail::place*>> away;
  for (std::size_t i = 0; i < to.count; ++i) {
    if (const auto& via = to[i].via()) away[via].push_back(&to[i].far_place());
  }
  for (const auto& [via, places] : away) via->send_many(places, detail::copy_envelope(*message));
  sharer shared{std::move(message), to.count};
  for (std::size_t i = 0; i < to.count; ++i) {
    if ((i + 1) % gives_way_every == 0) std::this_thread::yield();
    if (auto* near = to[i].cell()) {
      auto one = shared.next();
      const errc pushed = near->push(one);
      if (pushed != errc::ok) (void)refuse(*near, *one, pushed, events_here());
    }
  }
}

}  // namespace troupe::runtime
