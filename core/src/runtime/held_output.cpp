#include "runtime/held_output.hpp"

#include "runtime/cell.hpp"
#include "runtime/durable_cell.hpp"
#include "runtime/multicast.hpp"
#include "runtime/patient.hpp"

#include <utility>

namespace troupe::runtime {

namespace {

class message_effect final : public held_effect {
 public:
  message_effect(detail::route to, detail::envelope_ptr m)
      : to_(std::move(to)), message_(std::move(m)) {
    make_impatient(message_->sink);  // who answers it knows of it only when it has left
  }
  void release() override { (void)to_.send(std::move(message_)); }
  void drop(const error& why) override {
    if (auto sink = std::move(message_->sink)) sink->fail(why);
  }

 private:
  detail::route to_;
  detail::envelope_ptr message_;
};

class many_effect final : public held_effect {
 public:
  many_effect(const detail::route_range& to, detail::envelope_ptr m) : message_(std::move(m)) {
    for (std::size_t i = 0; i < to.count; ++i) to_.push_back(to[i]);
  }
  void release() override {
    const detail::route_range all{
        to_.data(), to_.size(),
        [](const void* first,
           std::size_t i) -> auto& {return static_cast<const detail::route*>(first)[i];
  }
};
send_many(all, std::move(message_));
}  // namespace
void drop(const error&) override {}

private:
std::vector<detail::route> to_;
detail::envelope_ptr message_;
};  // namespace troupe::runtime

// One that is never needed is launched all the same: it must come to its end.
class launch_effect final : public held_effect {
 public:
  explicit launch_effect(cell_ptr child) : child_(std::move(child)) {}
  void release() override { child_->launch(); }
  void drop(const error&) override {
    child_->stop();
    child_->launch();
  }

 private:
  cell_ptr child_;
};

class job_effect final : public held_effect {
 public:
  job_effect(detail::offload_queue& pool, std::unique_ptr<detail::offloaded_job> job)
      : pool_(pool), job_(std::move(job)) {}
  void release() override { pool_.submit(std::move(job_)); }
  void drop(const error& why) override { job_->refuse(why); }

 private:
  detail::offload_queue& pool_;
  std::unique_ptr<detail::offloaded_job> job_;
};

}  // namespace

std::unique_ptr<held_effect> held_message(detail::route to, detail::envelope_ptr m) {
  return std::make_unique<message_effect>(std::move(to), std::move(m));
}
std::unique_ptr<held_effect> held_messages(const detail::route_range& to, detail::envelope_ptr m) {
  return std::make_unique<many_effect>(to, std::move(m));
}
std::unique_ptr<held_effect> held_launch(cell_ptr child) {
  return std::make_unique<launch_effect>(std::move(child));
}
std::unique_ptr<held_effect> held_job(detail::offload_queue& pool,
                                      std::unique_ptr<detail::offloaded_job> job) {
  return std::make_unique<job_effect>(pool, std::move(job));
}

held_output::held_output(cell_ptr of, held_effects what)
    : of_(std::move(of)), what_(std::move(what)) {}

held_output::~held_output() {
  if (of_) drop({errc::timeout, "the node stopped before it was known to be durable"});
}

// Each for itself: what cannot leave has told whoever waits for it.
void held_output::release() noexcept {
  const auto of = std::move(of_);
  for (const auto& one : std::exchange(what_, {})) {
    try {
      one->release();
    } catch (...) {
    }
  }
  durable_cell::output_done(*of);
}

void held_output::drop(const error& why) noexcept {
  const auto of = std::move(of_);
  for (const auto& one : std::exchange(what_, {})) one->drop(why);
  durable_cell::output_done(*of);
}

}  // namespace troupe::runtime
