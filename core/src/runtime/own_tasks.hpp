// The handlers of one actor that are coroutines.
#pragma once

#include "runtime/cell_context.hpp"
#include <troupe/core/detail/call_chain.hpp>
#include <troupe/core/detail/task_root.hpp>
#include <troupe/core/errc.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::runtime {

class cell;

/// A handler with a context of its own, and, once it has waited, its message.
class cell_task final : public detail::task_root {
 public:
  /// `current` is where the message lies during the handler's first turn.
  cell_task(cell& owner, detail::envelope_ptr* current) : owner_(owner), context_(owner, current) {}
  ~cell_task() override { drop_frame(); }

  [[nodiscard]] context& inside() noexcept override { return context_; }
  void stay() override;
  void awaits(bool now) override;

  [[nodiscard]] bool is_in(const detail::call_chain& chain) const noexcept {
    return waiter_ != 0 && chain.holds(waiter_);
  }
  /// Destroys it where it stands; its asker is told why.
  void give_up(errc why, std::string_view what) noexcept;

  static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
  static void operator delete(void* block, std::size_t bytes) { detail::free_frame(block, bytes); }

 protected:
  void retire() noexcept override;
  [[nodiscard]] detail::sink_ptr& sink() noexcept override { return message_->sink; }
  void failed(const char* what) noexcept override;

 private:
  friend class own_tasks;
  cell& owner_;
  detail::envelope_ptr message_;
  cell_context context_;
  std::uint64_t waiter_ = 0;    // its name in call chains; 0: it has asked nothing yet
  detail::call_chain waiting_;  // with it; the context's, while it begins an ask
  cell_task* next_ = nullptr;
  cell_task* previous_ = nullptr;
};

/// Those that wait. Belongs to its cell's turn.
class own_tasks {
 public:
  own_tasks() = default;
  own_tasks(const own_tasks&) = delete;
  own_tasks& operator=(const own_tasks&) = delete;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  void add(cell_task& task) noexcept;
  void remove(cell_task& task) noexcept;
  /// One of them waits for what this chain leads to.
  [[nodiscard]] bool any_in(const detail::call_chain& chain) const noexcept;
  void give_up_all(errc why, std::string_view what) noexcept;

 private:
  cell_task* first_ = nullptr;
};

}  // namespace troupe::runtime
