// A stack of its own to run on, switched to and from by hand.
#pragma once

#include <cstddef>
#include <memory>
#include <ucontext.h>

namespace testing_support {

/// Runs `run(argument)` on its own stack, on the thread that switches to it. `run` never returns. A
/// fiber may be destroyed wherever it stands; what lies on its stack is then not destroyed. The
/// address and thread sanitizers are told of each switch.
class fiber {
 public:
  /// Stands for the thread that makes it.
  fiber();
  fiber(void (*run)(void*), void* argument);
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Leaves `*this`, which must be what runs, for `other`; returns when something switches back.
  void switch_to(fiber& other);

 private:
  static void begin(unsigned high, unsigned low);
  void arrived();

  static constexpr std::size_t stack_size = 256 * 1024;

  void (*run_)(void*) = nullptr;
  void* argument_ = nullptr;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t context_{};
  // What the sanitizers want to know.
  [[maybe_unused]] const void* stack_bottom_ = nullptr;
  [[maybe_unused]] std::size_t stack_bytes_ = 0;
  [[maybe_unused]] void* fake_stack_ = nullptr;
  [[maybe_unused]] void* tsan_fiber_ = nullptr;
};

}  // namespace testing_support
