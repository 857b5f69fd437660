// A set of things by the hash of their ids, at eight to eleven bytes each.
#pragma once

#include "slot_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <numeric>
#include <utility>

namespace troupe::sharding {

/// Open addressing with linear probing, in order of homes (Robin Hood; Celis, 1986), over slots of
/// eight bytes: a pointer, and a tag of 19 bits of the hash. A tag's home is its share of the
/// capacity, so that any capacity will do, and the table grows by about a quarter without a look at
/// a hash or a thing: from 0.9 full to 0.72. Half empty, it shrinks. A lookup reads things only
/// where the tags are the same: with n in the table, its own and n / 2^19 others.
///
/// Owns nothing. `T` is 8-byte aligned and lies below 2^48. No two things are the same. Not
/// thread-safe.
template <class T>
class id_index {
 public:
  static constexpr int tag_bits = 19;
  static constexpr int tag_at = 32;  ///< lowest of the hash's bits that are the tag

  id_index() = default;
  id_index(const id_index&) = delete;
  id_index& operator=(const id_index&) = delete;
  ~id_index() { free_slots(slots_, capacity_); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// The one of this hash for which `is_it(const T&)` holds; null: none.
  template <class IsIt>
  [[nodiscard]] T* find(std::uint64_t hash, const IsIt& is_it) const {
    if (size_ == 0) return nullptr;
    const auto tag = tag_of(hash);
    auto i = home(tag);
    for (std::uint32_t walked = 0; slots_[i] != 0 && way_of(i) >= walked; ++walked) {
      if (slots_[i] >> pointer_bits == tag && is_it(*thing(slots_[i]))) return thing(slots_[i]);
      i = after(i);
    }
    return nullptr;
  }
  /// Nothing changes when memory is short: std::bad_alloc.
  void insert(std::uint64_t hash, T& added) {
    if ((size_ + std::size_t{1}) * 10 > capacity_ * std::size_t{9}) {
      if (!resize(capacity_ + capacity_ / 4)) throw std::bad_alloc{};
    }
    put(tag_of(hash) << pointer_bits | reinterpret_cast<std::uintptr_t>(&added) >> alignment_bits);
    ++size_;
  }
  /// Takes out what was inserted with this hash.
  void erase(std::uint64_t hash, const T& gone) noexcept {
    auto hole = home(tag_of(hash));
    while (thing(slots_[hole]) != &gone) hole = after(hole);
    close(hole);
    --size_;
    if (size_ < capacity_ / 2 && capacity_ > least) (void)resize(size_ + size_ / 4);
  }
  /// Visits all, far from each other one after another: those that are erased in this order leave
  /// the others evenly spread, as in their own order they would not.
  template <class F>
  void for_each(const F& f) const {
    std::uint64_t step = capacity_ / 13 * 8 + 1;
    while (std::gcd(step, std::uint64_t{capacity_}) > 1) ++step;
    for (std::uint64_t i = 0, at = 0; i < capacity_; ++i, at = (at + step) % capacity_) {
      if (slots_[at] != 0) f(*thing(slots_[at]));
    }
  }
  /// Slots between the one that is farthest from its home and that: what a lookup may cost.
  [[nodiscard]] std::uint32_t longest_way() const noexcept {
    std::uint32_t longest = 0;
    for (std::uint32_t i = 0; i < capacity_; ++i) {
      if (slots_[i] != 0) longest = std::max(longest, way_of(i));
    }
    return longest;
  }

 private:
  static constexpr int alignment_bits = 3;
  static constexpr int pointer_bits = 48 - alignment_bits;
  static constexpr std::uint32_t least = 8;
  static_assert(tag_bits + pointer_bits == 64);

  static std::uint64_t tag_of(std::uint64_t hash) noexcept {
    return hash >> tag_at & ((std::uint64_t{1} << tag_bits) - 1);
  }
  static T* thing(std::uint64_t slot) noexcept {
    return reinterpret_cast<T*>((slot & ((std::uint64_t{1} << pointer_bits) - 1))
                                << alignment_bits);
  }
  [[nodiscard]] std::uint32_t home(std::uint64_t tag) const noexcept {
    return static_cast<std::uint32_t>(tag * capacity_ >> tag_bits);
  }
  [[nodiscard]] std::uint32_t after(std::uint32_t i) const noexcept {
    return i + 1 == capacity_ ? 0 : i + 1;
  }
  /// How far from its home the one in slot `i` is.
  [[nodiscard]] std::uint32_t way_of(std::uint32_t i) const noexcept {
    const auto from = home(slots_[i] >> pointer_bits);
    return i >= from ? i - from : i + capacity_ - from;
  }
  /// Who has come further goes first, so that all that meet are in the order of their homes.
  void put(std::uint64_t slot) noexcept {
    auto i = home(slot >> pointer_bits);
    for (std::uint32_t walked = 0; slots_[i] != 0; ++walked) {
      if (const auto theirs = way_of(i); theirs < walked) {
        std::swap(slot, slots_[i]);
        walked = theirs;
      }
      i = after(i);
    }
    slots_[i] = slot;
  }
  /// Those behind the hole move back, up to the first that is at home.
  void close(std::uint32_t hole) noexcept {
    for (auto i = after(hole); slots_[i] != 0 && way_of(i) != 0; i = after(i)) {
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = 0;
  }
  [[nodiscard]] bool resize(std::uint32_t wanted) noexcept {
    const auto capacity = std::max(whole_pages(wanted), least);
    auto* made = allocate_slots(capacity);
    if (!made) return false;
    auto* const old = std::exchange(slots_, made);
    const auto before = std::exchange(capacity_, capacity);
    for (std::uint32_t i = 0; i < before; ++i) {
      if (old[i] != 0) put(old[i]);
    }
    free_slots(old, before);
    return true;
  }

  std::uint64_t* slots_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace troupe::sharding
