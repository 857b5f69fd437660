#include "runtime/own_tasks.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_extra.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::runtime {

void cell_task::stay() {
  context_.keep_message(message_);
  owner_.extra().tasks.add(*this);
  owner_.handler_waits(true);
}

void cell_task::awaits(bool now) {
  if (now && waiter_ == 0) {
    waiter_ = detail::new_waiter();
    waiting_ = {waiter_, context_.origin()};
  }
  context_.swap_chain(waiting_);
}

void cell_task::retire() noexcept {
  auto& all = owner_.extra().tasks;
  all.remove(*this);
  if (all.empty()) owner_.handler_waits(false);
}

void cell_task::failed(const char* what) noexcept {
  owner_.extra().culprit = message_->what->name;
  if (auto asker = std::move(sink())) asker->fail({errc::crashed, what});
}

void cell_task::give_up(errc why, std::string_view what) noexcept {
  const std::unique_ptr<cell_task> self{this};
  drop_frame();
  if (auto asker = std::move(sink())) asker->fail({why, std::string{what}});
}

void own_tasks::add(cell_task& task) noexcept {
  task.next_ = first_;
  if (first_) first_->previous_ = &task;
  first_ = &task;
}

void own_tasks::remove(cell_task& task) noexcept {
  (task.previous_ ? task.previous_->next_ : first_) = task.next_;
  if (task.next_) task.next_->previous_ = task.previous_;
}

bool own_tasks::any_in(const detail::call_chain& chain) const noexcept {
  if (!chain) return false;
  for (const auto* task = first_; task; task = task->next_) {
    if (task->is_in(chain)) return true;
  }
  return false;
}

void own_tasks::give_up_all(errc why, std::string_view what) noexcept {
  while (auto* task = first_) {
    remove(*task);
    task->give_up(why, what);
  }
}

}  // namespace troupe::runtime
