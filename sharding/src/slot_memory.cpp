#include "slot_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <sys/mman.h>

namespace troupe::sharding {

namespace {
constexpr std::uint32_t slots_a_page = 4096 / sizeof(std::uint64_t);
}

std::uint32_t whole_pages(std::uint32_t wanted) noexcept {
  return wanted < own_pages_from ? wanted : wanted / slots_a_page * slots_a_page;
}

std::uint64_t* allocate_slots(std::uint32_t capacity) noexcept {
  if (capacity < own_pages_from) {
    return static_cast<std::uint64_t*>(std::calloc(capacity, sizeof(std::uint64_t)));
  }
  void* memory = ::mmap(nullptr, std::size_t{capacity} * sizeof(std::uint64_t),
                        PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::uint64_t*>(memory);
}

void free_slots(std::uint64_t* slots, std::uint32_t capacity) noexcept {
  if (capacity < own_pages_from) return std::free(slots);
  ::munmap(slots, std::size_t{capacity} * sizeof(std::uint64_t));
}

}  // namespace troupe::sharding
