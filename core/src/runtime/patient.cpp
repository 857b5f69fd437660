#include "runtime/patient.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/durable_cell.hpp"

#include <utility>

namespace troupe::runtime {

namespace {

/// An answer, or that there is none, on its way to who waits for it.
class answer_effect final : public held_effect {
 public:
  answer_effect(detail::sink_ptr to, std::unique_ptr<detail::kept_answer> value, error why)
      : to_(std::move(to)), value_(std::move(value)), why_(std::move(why)) {}
  void release() override {
    if (why_.code != errc::ok) {
      to_->fail(std::move(why_));
    } else if (value_) {
      value_->give(*to_);
    } else {
      to_->answer(nullptr);
    }
  }
  void drop(const error& why) override { to_->fail(why); }

 private:
  detail::sink_ptr to_;
  std::unique_ptr<detail::kept_answer> value_;  // null: it is the answer of no type
  error why_;
};

/// In place of who waits for the answer of a durable entity: holds it back. It may be given in the
/// entity's turn, or later and elsewhere.
class patient_sink final : public detail::answer_sink {
 public:
  patient_sink(cell& by, const detail::handler& what, detail::sink_ptr inner)
      : by_(&by), what_(what), inner_(std::move(inner)) {
    chain = inner_->chain;
  }
  void answer(void* value) override {
    give(value && what_.keep_answer ? what_.keep_answer(value) : nullptr, {});
  }
  void fail(error why) override { give(nullptr, std::move(why)); }
  [[nodiscard]] bool abandoned() const noexcept override { return !inner_ || inner_->abandoned(); }
  [[nodiscard]] bool reliable() const noexcept override { return inner_ && inner_->reliable(); }

  [[nodiscard]] detail::sink_ptr take() noexcept { return std::move(inner_); }

 private:
  void give(std::unique_ptr<detail::kept_answer> value, error why) {
    std::unique_ptr<held_effect> effect =
        std::make_unique<answer_effect>(std::move(inner_), std::move(value), std::move(why));
    if (durable_cell::acts(*by_)) return durable_cell::hold(*by_, std::move(effect));
    auto message = make_signal<detail::lane::own>(late{std::move(effect)});
    (void)by_->push_own(message);
  }

  /// What was given outside of the entity's turns.
  struct late {
    std::unique_ptr<held_effect> effect;

    explicit late(std::unique_ptr<held_effect> what) : effect(std::move(what)) {}
    late(late&&) = default;
    late& operator=(late&&) = delete;
    ~late() {
      if (effect) effect->drop({errc::timeout, "the entity ended before its answer could leave"});
    }
    void operator()(cell& c, cell_context&) { durable_cell::hold(c, std::move(effect)); }
  };

  cell_ptr by_;
  const detail::handler& what_;
  detail::sink_ptr inner_;
};

/// Holds the jobs for a pool.
class patient_pool final : public detail::offload_queue {
 public:
  patient_pool(cell& by, detail::offload_queue& pool) : by_(by), pool_(pool) {}
  void submit(std::unique_ptr<detail::offloaded_job> job) override {
    durable_cell::hold(by_, held_job(pool_, std::move(job)));
  }

 private:
  cell& by_;
  detail::offload_queue& pool_;
};

}  // namespace

void make_patient(cell& by, detail::envelope& handled) {
  handled.sink.reset(new patient_sink(by, *handled.what, std::move(handled.sink)));
}

void make_impatient(detail::sink_ptr& sink) noexcept {
  if (auto* const patient = dynamic_cast<patient_sink*>(sink.get())) {
    auto inner = patient->take();
    sink = std::move(inner);
  }
}

std::unique_ptr<detail::offload_queue> make_patient(cell& by, detail::offload_queue& pool) {
  return std::make_unique<patient_pool>(by, pool);
}

}  // namespace troupe::runtime
