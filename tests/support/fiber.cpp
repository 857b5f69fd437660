#include "fiber.hpp"

#include <cstdint>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TROUPE_FIBER_ASAN
#elif __has_feature(thread_sanitizer)
#define TROUPE_FIBER_TSAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TROUPE_FIBER_ASAN
#elif defined(__SANITIZE_THREAD__)
#define TROUPE_FIBER_TSAN
#endif

#ifdef TROUPE_FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TROUPE_FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace testing_support {

namespace {
fiber* left = nullptr;  // the fiber of the switch under way: its stack is learnt on arrival
}  // namespace

fiber::fiber() {
#ifdef TROUPE_FIBER_TSAN
  tsan_fiber_ = __tsan_get_current_fiber();
#endif
}

fiber::fiber(void (*run)(void*), void* argument)
    : run_(run), argument_(argument), stack_(new std::byte[stack_size]) {
  stack_bottom_ = stack_.get();
  stack_bytes_ = stack_size;
#ifdef TROUPE_FIBER_TSAN
  tsan_fiber_ = __tsan_create_fiber(0);
#endif
  ::getcontext(&context_);
  context_.uc_stack.ss_sp = stack_.get();
  context_.uc_stack.ss_size = stack_size;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  ::makecontext(&context_, reinterpret_cast<void (*)()>(&fiber::begin), 2,
                static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
}

fiber::~fiber() {
#ifdef TROUPE_FIBER_TSAN
  if (stack_) __tsan_destroy_fiber(tsan_fiber_);
#endif
}

void fiber::switch_to(fiber& other) {
  left = this;
#ifdef TROUPE_FIBER_ASAN
  __sanitizer_start_switch_fiber(&fake_stack_, other.stack_bottom_, other.stack_bytes_);
#endif
#ifdef TROUPE_FIBER_TSAN
  __tsan_switch_to_fiber(other.tsan_fiber_, 0);
#endif
  ::swapcontext(&context_, &other.context_);
  arrived();
}

void fiber::arrived() {
#ifdef TROUPE_FIBER_ASAN
  __sanitizer_finish_switch_fiber(fake_stack_, &left->stack_bottom_, &left->stack_bytes_);
#endif
}

void fiber::begin(unsigned high, unsigned low) {
  auto* self = reinterpret_cast<fiber*>((std::uintptr_t{high} << 32) | low);
  self->arrived();
  self->run_(self->argument_);
}

}  // namespace testing_support
