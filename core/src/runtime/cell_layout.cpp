#include "runtime/cell_layout.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/pool.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace troupe::runtime {

namespace {

void* allocate(const kind& k, std::size_t id_size) {
  const auto at = layout_of(k);
  const auto size = align_up(at.id + bytes_of_id(id_size), at.align);
  if (at.align > 16) return ::operator new (size, std::align_val_t{at.align});
  return pool_allocate(size);
}

std::byte* bytes_of(cell& c) noexcept {
  return reinterpret_cast<std::byte*>(&c);
}

}  // namespace

cell_ptr::cell_ptr(cell* raw) noexcept : raw_(raw) {
  if (raw_) raw_->keep();
}
cell_ptr::~cell_ptr() {
  if (raw_) raw_->leave();
}

cell_ptr cell::make_actor(const kind& k, detail::birth&& birth, kin family) {
  auto* made = ::new (allocate(k, 0)) cell{k};
  made->be_born(birth, family);
  if (birth.on_crash) {
    made->extra().construct = birth.construct;
    made->extra().on_crash = std::move(birth.on_crash);
  }
  try {
    birth.construct(made->state());
    made->has_state_ = true;
    made->phase_ = k.type->started ? phase::built : phase::running;
  } catch (const std::exception& thrown) {
    made->extra().failure = thrown.what();
  } catch (...) {
    made->extra().failure = unknown_throw;
  }
  return cell_ptr::adopt(made);
}

cell_ptr cell::make_down(const kind& k, detail::birth&& birth, kin family) {
  auto* made = ::new (allocate(k, 0)) cell{k};
  made->be_born(birth, family);
  made->extra().construct = std::move(birth.construct);
  made->extra().exit = {exit_kind::shutdown, {}};  // unless it comes up
  made->phase_ = phase::down;
  return cell_ptr::adopt(made);
}

void cell::be_born(detail::birth& birth, kin family) {
  references_.store(2, std::memory_order_relaxed);  // its life, too: ends in its last turn
  ::new (bytes_of(*this) + sizeof(cell)) kin{family};
  if (!birth.id.empty()) extra().name = std::move(birth.id);
  if (birth.kit) extra().kit = birth.kit;
}

cell_ptr cell::make_entity(const kind& k, std::string_view id) {
  auto* made = ::new (allocate(k, id.size())) cell{k};
  auto* where = bytes_of(*made) + layout_of(k).id;
  const auto size = static_cast<std::uint16_t>(id.size());
  if (size >= long_id) {
    std::memcpy(where, &size, sizeof size);
    where += sizeof size;
  }
  std::memcpy(where, id.data(), size);
  made->id_size_ = static_cast<std::uint8_t>(std::min<std::size_t>(size, long_id));
  return cell_ptr::adopt(made);
}

void cell::leave() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const auto at = layout_of(*kind_);
  const auto size = align_up(at.id + bytes_of_id(entity_id().size()), at.align);
  this->~cell();
  if (at.align > 16) return ::operator delete (this, std::align_val_t{at.align});
  pool_free(this, size);
}

cell::cell(const kind& k) noexcept
    : mailbox_(k.entity ? decltype(mailbox_)::begins::at_rest : decltype(mailbox_)::begins::awake),
      kind_(&k) {}

cell::~cell() {
  if (phase_ == phase::ended) return;
  // Never launched, or its node went without stopping it: nothing of it may leak.
  if (stamped_) taken_ = nullptr;
  if (extra_) {  // nor does it move any more
    extra_->departing.reset();
    extra_->arriving.reset();
    extra_->brought.reset();
  }
  drop_state(errc::timeout, "the actor ended before its handler had");
  for (auto* left = take_rest(); left;) detail::destroy(std::exchange(left, left->next));
}

std::size_t cell::shard() const noexcept {
  return reinterpret_cast<std::uintptr_t>(this) / sizeof(cell);
}

void* cell::state() noexcept {
  return bytes_of(*this) + layout_of(*kind_).state;
}

kin& cell::family() noexcept {
  return *reinterpret_cast<kin*>(bytes_of(*this) + sizeof(cell));
}

std::string_view cell::entity_id() const noexcept {
  if (!kind_->entity) return {};
  const auto* where = reinterpret_cast<const char*>(this) + layout_of(*kind_).id;
  if (id_size_ < long_id) return {where, id_size_};
  std::uint16_t size = 0;
  std::memcpy(&size, where, sizeof size);
  return {where + sizeof size, size};
}

}  // namespace troupe::runtime
