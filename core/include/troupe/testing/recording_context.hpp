// A context for unit tests of a behaviour without a node: time by hand, effects as data.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/context.hpp>
#include <troupe/testing/recorder.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::testing {

/// What a handler answered, now or later; empty while it has not.
template <class R>
using heard = std::shared_ptr<const std::optional<result<R>>>;

/// Stands in for the node of one `behaviour`, which the test owns and which must outlive it.
///
/// Nothing runs by itself and nothing is random: every run of a test is the same. The test hands
/// messages to the behaviour with `handle`, lets time pass with `advance`, and looks at what the
/// behaviour did. Messages go nowhere; asks wait until the test answers or fails them, or until
/// their deadline passes. One thread; references given out may outlive it. What a handler throws
/// comes out of the call that ran it.
template <class T>
class recording_context final : public context {
 public:
  explicit recording_context(T& behaviour, std::string id = "1", std::string node = "n1")
      : self_(behaviour), id_(std::move(id)), node_(std::move(node)) {}
  recording_context(const recording_context&) = delete;
  recording_context& operator=(const recording_context&) = delete;
  ~recording_context() override { recorder_->close(); }

  /// Calls the behaviour's `started`, when it has one.
  void start() {
    const auto& type = detail::behaviour_of<T>;
    if (type.started) type.started(&self_, *this);
  }

  /// Hands the behaviour a message as its handler table does, asked for when it has an answer:
  /// `*ctx.handle(get{})` holds a result<int> once the handler, or a promise of it, has given one.
  template <class M>
  auto handle(M message) {
    using R = detail::answer_to<T, M>;
    auto envelope = detail::make_envelope(detail::handler_of<T, M>(), std::move(message));
    if constexpr (std::is_void_v<R>) {
      run(std::move(envelope));
    } else {
      auto outcome = std::make_shared<std::optional<result<R>>>();
      envelope->sink = std::make_unique<hearing<R>>(outcome);
      envelope->deadline = now() + std::chrono::seconds{5};
      run(std::move(envelope));
      return heard<R>{std::move(outcome)};
    }
  }

  /// Lets time pass on both clocks; timers and deadlines fire in order, each at its own time.
  void advance(std::chrono::nanoseconds by) { recorder_->advance(by); }

  /// The messages of one kind that were told, to anybody or to `ref`, in order.
  template <class To, class M>
  [[nodiscard]] std::vector<M> told() const {
    return sent<To, M>(false, nullptr);
  }
  template <class To, class M, class Ref>
  [[nodiscard]] std::vector<M> told(const Ref& ref) const {
    return sent<To, M>(false, &ref.where().to);
  }
  /// The same for those with an answer: asked, or delegated; answered since or not.
  template <class To, class M>
  [[nodiscard]] std::vector<M> asked() const {
    return sent<To, M>(true, nullptr);
  }

  /// Answers the earliest ask of this kind that waits, and runs its continuation. An answer after
  /// the ask's deadline is ignored. Throws std::logic_error when there is no such ask.
  template <class To, class M>
  void answer_next(detail::answer_to<To, M> value) {
    recorder_->next_asked(detail::handler_of<To, M>())->answer(&value);
  }
  template <class To, class M>
  void fail_next(error why) {
    recorder_->next_asked(detail::handler_of<To, M>())->fail(std::move(why));
  }

  /// The children of this type, in the order of their start.
  template <class Child>
  [[nodiscard]] std::vector<actor_ref<Child>> spawned() const {
    std::vector<actor_ref<Child>> found;
    for (const auto& [type, where] : children_) {
      if (type == &detail::behaviour_of<Child>) found.push_back(actor_ref<Child>{where});
    }
    return found;
  }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// An actor elsewhere, different from all others, to stand in messages.
  template <class Somebody>
  [[nodiscard]] actor_ref<Somebody> somebody() {
    return actor_ref<Somebody>{new_route()};
  }

  const std::string& id() const override { return id_; }
  const std::string& node() const override { return node_; }
  std::chrono::steady_clock::time_point now() const override { return recorder_->now(); }
  /// Begins at 1 700 000 000 s after 1970.
  std::chrono::system_clock::time_point wall_now() const override {
    using clock = std::chrono::system_clock;
    return clock::time_point{std::chrono::seconds{1'700'000'000}} +
           std::chrono::duration_cast<clock::duration>(now() - begin_);
  }
  std::uint64_t random() override { return chance_(); }  ///< the same numbers in each run
  void cancel(timer_id timer) override { recorder_->disarm(timer); }
  void stop() override {
    stopped_ = true;
    recorder_->end();
  }

  errc send(const detail::route& to, detail::envelope_ptr message) override {
    if (!to.via) return to.send(std::move(message));
    return recorder_->send(to.to, std::move(message));
  }
  std::shared_ptr<detail::way_back> back() override { return recorder_; }
  void send_many(const std::shared_ptr<detail::carrier>&, const std::vector<detail::place>& to,
                 detail::envelope_ptr message) override {
    recorder_->send_many(to, std::move(message));
  }
  detail::sink_ptr take_sink() override { return std::move(sink_); }
  detail::time_point current_deadline() const override { return deadline_; }
  timer_id start_timer(std::chrono::nanoseconds first, std::chrono::nanoseconds period,
                       std::function<detail::envelope_ptr()> make) override {
    return recorder_->start_timer(now() + first, period,
                                  [this, make = std::move(make)] { run(make()); });
  }
  detail::route start_child(detail::birth birth) override {
    children_.emplace_back(birth.type, new_route());
    return children_.back().second;
  }
  detail::route own_route() override { return own_; }
  const detail::behaviour_type& behaviour() const override { return detail::behaviour_of<T>; }
  detail::locator& references() override { return *recorder_; }

 private:
  template <class R>
  class hearing final : public detail::answer_sink {
   public:
    explicit hearing(std::shared_ptr<std::optional<result<R>>> into) : into_(std::move(into)) {}
    void answer(void* value) override { into_->emplace(std::move(*static_cast<R*>(value))); }
    void fail(error why) override { into_->emplace(std::move(why)); }

   private:
    std::shared_ptr<std::optional<result<R>>> into_;
  };

  void run(detail::envelope_ptr message) {
    sink_ = std::move(message->sink);
    deadline_ = message->deadline;
    message->what->invoke(&self_, message->payload(), *this, sink_);
    sink_ = nullptr;
  }
  template <class To, class M>
  std::vector<M> sent(bool asked, const detail::place* to) const {
    std::vector<M> found;
    for (const auto& one : recorder_->all()) {
      if (one.message->what != &detail::handler_of<To, M>() || one.asked != asked) continue;
      if (!to || one.to == *to) found.push_back(*static_cast<const M*>(one.message->payload()));
    }
    return found;
  }
  detail::route new_route() { return {recorder_, {node_, ++last_actor_}}; }

  T& self_;
  std::string id_, node_;
  std::shared_ptr<recorder> recorder_ = std::make_shared<recorder>(*this);
  std::uint64_t last_actor_ = 0;
  detail::route own_ = new_route();
  const detail::time_point begin_ = recorder_->now();
  std::mt19937_64 chance_;
  std::vector<std::pair<const detail::behaviour_type*, detail::route>> children_;
  detail::sink_ptr sink_;
  detail::time_point deadline_ = detail::time_point::max();
  bool stopped_ = false;
};

}  // namespace troupe::testing
