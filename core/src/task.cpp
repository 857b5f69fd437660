#include "runtime/pool.hpp"
#include <troupe/core/context.hpp>
#include <troupe/core/task.hpp>

#include <utility>

namespace troupe::detail {

namespace {
// In whole 16 bytes, so that the pool aligns it like operator new.
std::size_t rounded(std::size_t bytes) noexcept {
  return (bytes + 15) / 16 * 16;
}
}  // namespace

bool task_root::begin(task_frame frame, sink_ptr& sink) {
  frame_ = frame;
  run(frame_.handle);
  if (!frame_.handle.done()) return true;
  frame_.finish(frame_.handle, sink);
  return false;
}

void task_root::resume(std::coroutine_handle<> at) {
  run(at);
  if (!frame_.handle.done()) return;
  const std::unique_ptr<task_root> self{this};
  retire();
  try {
    frame_.finish(frame_.handle, sink());
  } catch (const std::exception& thrown) {
    failed(thrown.what());
    throw;
  } catch (...) {
    failed("something that is no std::exception");
    throw;
  }
}

void task_root::drop_frame() noexcept {
  if (auto frame = std::exchange(frame_.handle, nullptr)) frame.destroy();
}

std::unique_ptr<task_root> open_task(context& ctx) {
  return ctx.open_task();
}

void* allocate_frame(std::size_t bytes) {
  return runtime::pool_allocate(rounded(bytes));
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  runtime::pool_free(frame, rounded(bytes));
}

}  // namespace troupe::detail
