// A moment's rest for a processor that waits for another one.
#pragma once

namespace troupe::runtime {

inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace troupe::runtime
