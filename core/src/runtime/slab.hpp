// Objects that never move, found by number, and keys that know when their object is gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Names one object of a slab for as long as it lives.
enum class slab_key : std::uint64_t { none = 0 };

/// The numbers that a slab gives to its objects: `count` from `first` on, all below `limit`.
struct slab_numbers {
  static constexpr unsigned bits = 28;
  static constexpr std::uint32_t limit = std::uint32_t{1} << bits;

  /// The number in a key, whoever made it.
  static constexpr std::uint32_t of(slab_key key) noexcept {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(key) % limit);
  }

  std::uint32_t first = 0;
  std::uint32_t count = limit;
};

/// Owns up to `numbers.count` objects in chunks that are never moved and never given back.
///
/// Costs 8 bytes beside each object. A key is recognised as stale until its place was used 2^35
/// times more. Not thread-safe. Slabs with disjoint numbers give disjoint keys.
template <class T>
class slab {
 public:
  using index = std::uint32_t;
  static constexpr index nil = ~index{0};

  explicit slab(slab_numbers numbers = {}) : numbers_(numbers) {}
  ~slab() {
    for (index at = 0; at < used_; ++at) {
      if (is_live(place_at(at).sequence)) std::destroy_at(&place_at(at).value);
    }
  }
  slab(const slab&) = delete;
  slab& operator=(const slab&) = delete;

  /// Constructs an object from `args`; nil when there are `numbers.count` of them already, `args`
  /// are then untouched. Throws std::bad_alloc, and nothing has changed then.
  template <class... Args>
  [[nodiscard]] index make(Args&&... args) {
    if (free_ == nil && !grow()) return nil;
    const index at = free_;
    place& p = place_at(at);
    const index next_free = p.next_free;
    std::construct_at(&p.value, std::forward<Args>(args)...);
    free_ = next_free;
    ++p.sequence;
    ++size_;
    return at;
  }

  /// Destroys the object `at`, which must live; all keys to it are stale from now on.
  void destroy(index at) noexcept {
    place& p = place_at(at);
    std::destroy_at(&p.value);
    p.next_free = std::exchange(free_, at);
    ++p.sequence;
    --size_;
  }

  [[nodiscard]] T& operator[](index at) noexcept { return place_at(at).value; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] slab_key key_of(index at) const noexcept {
    return slab_key{place_at(at).sequence << slab_numbers::bits | (numbers_.first + at)};
  }
  /// The object of this key; nil when it is gone, and for a key that this slab never gave.
  [[nodiscard]] index find(slab_key key) const noexcept {
    const index at = slab_numbers::of(key) - numbers_.first;  // wraps round for a number below
    if (at >= used_ || !is_live(place_at(at).sequence) || key_of(at) != key) return nil;
    return at;
  }

  /// Calls `visit` with each object's index, in order; it may destroy that object, and make none.
  template <class Visit>
  void for_each(Visit visit) {
    for (index at = 0; at < used_; ++at) {
      if (is_live(place_at(at).sequence)) visit(at);
    }
  }

 private:
  struct place {
    place() noexcept {}   // memory of a new chunk stays untouched until it is used
    ~place() noexcept {}  // the slab destroys what lives

    std::uint64_t sequence;  // odd while the object lives
    union {
      T value;
      index next_free;
    };
  };
  static_assert(alignof(T) <= 8 && sizeof(place) <= 8 + (sizeof(T) + 7) / 8 * 8);

  static constexpr index chunk_size = 4096;
  struct alignas(64) chunk {
    std::array<place, chunk_size> places;
  };

  static constexpr bool is_live(std::uint64_t sequence) noexcept { return sequence % 2 == 1; }
  place& place_at(index at) const noexcept {
    return chunks_[at / chunk_size]->places[at % chunk_size];
  }

  /// Makes the next unused place the free one.
  bool grow() {
    if (used_ == numbers_.count) return false;
    if (used_ % chunk_size == 0) chunks_.push_back(std::make_unique_for_overwrite<chunk>());
    place& p = place_at(used_);
    p.sequence = 0;
    p.next_free = nil;
    free_ = used_++;
    return true;
  }

  const slab_numbers numbers_;
  std::vector<std::unique_ptr<chunk>> chunks_;
  index used_ = 0;
  index free_ = nil;
  std::size_t size_ = 0;
};

}  // namespace troupe::runtime
