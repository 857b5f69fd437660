#include "fuzz.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>

namespace {

std::atomic<std::size_t> asked{0};

void* take(std::size_t size) noexcept {
  asked.fetch_add(size, std::memory_order_relaxed);
  return std::malloc(std::max<std::size_t>(size, 1));
}

void* take_or_throw(std::size_t size) {
  if (void* memory = take(size)) return memory;
  throw std::bad_alloc{};
}

}  // namespace

// All of them: a sanitizer brings its own for those that are missing, and they do not mix.
void* operator new(std::size_t size) {
  return take_or_throw(size);
}
void* operator new[](std::size_t size) {
  return take_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace troupe::fuzz {

std::size_t heap_asked() noexcept {
  return asked.load(std::memory_order_relaxed);
}

bool is_one_line(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace troupe::fuzz

/// Called by libFuzzer before it reads its corpus: puts the seeds where TROUPE_FUZZ_SEEDS says.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* folder = std::getenv("TROUPE_FUZZ_SEEDS");
  if (!folder) return 0;
  std::size_t number = 0;
  for (const std::string& seed : troupe::fuzz::seeds()) {
    std::ofstream{std::string{folder} + "/seed-" + std::to_string(number++), std::ios::binary}
        << seed;
  }
  return 0;
}
