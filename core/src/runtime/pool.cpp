#include "runtime/pool.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <utility>

// Sanitizers find misuse of blocks only where each is allocated by itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TROUPE_PLAIN_POOL
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TROUPE_PLAIN_POOL
#endif
#endif

namespace troupe::runtime {

#ifdef TROUPE_PLAIN_POOL

void* pool_allocate(std::size_t bytes) {
  return ::operator new(bytes);
}
void pool_free(void* block, std::size_t) noexcept {
  ::operator delete(block);
}

#else

namespace {

constexpr std::size_t pool_least = 24;
constexpr std::size_t classes = pool_most / pool_granule + 1;
constexpr std::size_t region_size = std::size_t{4} << 20;
constexpr std::size_t magazine_bytes = 8192;

// The least are 32 bytes: 24 would do, but where 16 are asked for they are promised to be aligned.
constexpr std::size_t class_of(std::size_t bytes) noexcept {
  return (bytes <= 16 ? 32 : bytes + pool_granule - 1) / pool_granule;
}
constexpr std::uint32_t magazine_of(std::size_t c) noexcept {
  const auto blocks = magazine_bytes / (c * pool_granule);
  return static_cast<std::uint32_t>(blocks < 128 ? blocks : 128);
}

struct free_block {
  free_block* next;
};
/// A chain of free blocks as it lies in the depot, written into the first of them.
struct magazine {
  free_block* next;
  magazine* other;
  std::uint32_t count;
};
static_assert(sizeof(magazine) <= pool_least);

/// What all threads share. Never destroyed: threads may end after it would be.
class depot {
 public:
  /// A chain of at least one block.
  magazine* get(std::size_t c) {
    const std::lock_guard lock{mutex_};
    if (full_[c]) return std::exchange(full_[c], full_[c]->other);
    return carve(c);
  }
  void put(std::size_t c, free_block* chain, std::uint32_t count) noexcept {
    auto* full = reinterpret_cast<magazine*>(chain);
    full->count = count;
    const std::lock_guard lock{mutex_};
    full->other = std::exchange(full_[c], full);
  }

 private:
  magazine* carve(std::size_t c) {
    const auto size = c * pool_granule;
    const auto need = size * magazine_of(c);
    if (left_ < need) new_region();
    auto* at = next_;
    const auto whole_lines = (need + 63) / 64 * 64;
    next_ += whole_lines;
    left_ -= whole_lines < left_ ? whole_lines : left_;
    free_block* chain = nullptr;
    for (auto i = magazine_of(c); i-- > 0;) {
      auto* block = reinterpret_cast<free_block*>(at + i * size);
      block->next = chain;
      chain = block;
    }
    auto* made = reinterpret_cast<magazine*>(chain);
    made->count = magazine_of(c);
    return made;
  }
  void new_region() {
    void* memory = ::mmap(nullptr, 2 * region_size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    auto* begin = static_cast<std::byte*>(memory);
    const auto misaligned = reinterpret_cast<std::uintptr_t>(begin) % region_size;
    auto* region = misaligned ? begin + (region_size - misaligned) : begin;
    if (region != begin) ::munmap(begin, static_cast<std::size_t>(region - begin));
    auto* end = region + region_size;
    if (begin + 2 * region_size != end) {
      ::munmap(end, static_cast<std::size_t>(begin + 2 * region_size - end));
    }
    ::madvise(region, region_size, MADV_HUGEPAGE);
    next_ = region;
    left_ = region_size;
  }

  std::mutex mutex_;
  std::array<magazine*, classes> full_{};
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

depot& shared_depot() {
  static auto* const instance = new depot;  // NOLINT: see the class
  return *instance;
}

/// A thread's free blocks of one size: a magazine in use and a full one, so that a thread at the
/// edge does not go to the depot each time.
struct drawer {
  free_block* loaded = nullptr;
  free_block* spare = nullptr;
  std::uint32_t count = 0;        // in `loaded`
  std::uint32_t spare_count = 0;  // in `spare`
};

enum class care : std::uint8_t {
  none,     // nothing is in the drawers yet
  waiting,  // a caretaker waits for the thread's end
  over,     // it has been: blocks come from the depot and go there one by one
};

struct cabinet {
  std::array<drawer, classes> drawers{};
  care cared_for = care::none;
};
constinit thread_local cabinet mine;

/// Gives a thread's blocks back when it ends.
struct caretaker {
  ~caretaker() {
    mine.cared_for = care::over;
    for (std::size_t c = 1; c < classes; ++c) {
      auto& d = mine.drawers[c];
      if (d.loaded) shared_depot().put(c, d.loaded, d.count);
      if (d.spare) shared_depot().put(c, d.spare, d.spare_count);
      d = {};
    }
  }
};

void take_care() {
  mine.cared_for = care::waiting;
  thread_local caretaker at_the_end;
  (void)at_the_end;
}

/// `d.loaded` is empty: fills it.
void reload(std::size_t c, drawer& d) {
  if (mine.cared_for == care::none) take_care();
  if (d.spare) {
    d.loaded = std::exchange(d.spare, nullptr);
    d.count = d.spare_count;
    return;
  }
  auto* chain = shared_depot().get(c);
  d.count = chain->count;
  d.loaded = reinterpret_cast<free_block*>(chain);
}

/// Without the thread's drawers, which have been given back and will not be again.
void* allocate_at_the_end(std::size_t c) {
  auto* chain = shared_depot().get(c);
  const auto count = chain->count;
  auto* block = reinterpret_cast<free_block*>(chain);
  if (block->next) shared_depot().put(c, block->next, count - 1);
  return block;
}

/// `d.loaded` is full: makes room.
void unload(std::size_t c, drawer& d) noexcept {
  if (d.spare) shared_depot().put(c, d.spare, d.spare_count);
  d.spare = std::exchange(d.loaded, nullptr);
  d.spare_count = std::exchange(d.count, 0);
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
  if (bytes > pool_most) return ::operator new(bytes);
  const auto c = class_of(bytes);
  auto& d = mine.drawers[c];
  if (!d.loaded) {
    if (mine.cared_for == care::over) return allocate_at_the_end(c);
    reload(c, d);
  }
  --d.count;
  return std::exchange(d.loaded, d.loaded->next);
}

void pool_free(void* block, std::size_t bytes) noexcept {
  if (bytes > pool_most) return ::operator delete(block);
  const auto c = class_of(bytes);
  auto& d = mine.drawers[c];
  auto* freed = static_cast<free_block*>(block);
  if (mine.cared_for != care::waiting) {
    if (mine.cared_for == care::over) {
      freed->next = nullptr;
      return shared_depot().put(c, freed, 1);
    }
    take_care();
  }
  if (d.count >= magazine_of(c)) unload(c, d);
  freed->next = std::exchange(d.loaded, freed);
  ++d.count;
}

#endif

}  // namespace troupe::runtime
