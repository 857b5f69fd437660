// One handler that is a coroutine, from its call to its end.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>

namespace troupe::detail {

/// A handler's coroutine, and how its outcome is given to who waits for the answer: what it threw
/// comes out of `finish`.
struct task_frame {
  std::coroutine_handle<> handle;
  void (*finish)(std::coroutine_handle<> done, sink_ptr& sink) = nullptr;
};

/// Owns the frame, and the context that the handler was given, which lasts as long as the frame
/// does. Belongs to its actor's turns: runs, ends and is destroyed in them.
class task_root {
 public:
  task_root() = default;
  task_root(const task_root&) = delete;
  task_root& operator=(const task_root&) = delete;
  virtual ~task_root() = default;

  [[nodiscard]] virtual context& inside() noexcept = 0;
  /// Runs it until it first waits; false: it has ended, and its answer is given.
  [[nodiscard]] bool begin(task_frame frame, sink_ptr& sink);
  /// It waits: from now on its owner keeps it, and its message.
  virtual void stay() = 0;
  /// What `at`, a part of it, waited for is there. Destroys `*this` when it ends.
  void resume(std::coroutine_handle<> at);
  /// The asks that are begun between true and false are those that it waits for.
  virtual void awaits(bool) {}

 protected:
  /// First of all in every destructor: the frame may use what the derived class has.
  void drop_frame() noexcept;
  /// Its owner keeps it no longer.
  virtual void retire() noexcept = 0;
  [[nodiscard]] virtual sink_ptr& sink() noexcept = 0;
  virtual void run(std::coroutine_handle<> at) { at.resume(); }
  /// It has ended by a throw, which goes on from here.
  virtual void failed(const char* what) noexcept = 0;

 private:
  task_frame frame_;
};

/// The root of a handler that `ctx` is about to call.
[[nodiscard]] std::unique_ptr<task_root> open_task(context& ctx);
/// Memory for a frame.
[[nodiscard]] void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace troupe::detail
