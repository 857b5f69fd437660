// A context for unit tests of a behaviour without a node: time by hand, effects as data.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/context.hpp>
#include <troupe/testing/event_recorder.hpp>
#include <troupe/testing/heard.hpp>
#include <troupe/testing/stand_in.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::testing {

/// Stands in for the node of one `behaviour`, which the test owns and which must outlive it.
///
/// Nothing runs by itself and nothing is random: every run of a test is the same. The test hands
/// messages to the behaviour with `handle`, lets time pass with `advance`, and looks at what the
/// behaviour did. Messages go nowhere; asks wait until the test answers or fails them, or until
/// their deadline passes. One thread; references given out may outlive it. What a handler throws
/// comes out of the call that ran it.
template <class T>
class recording_context final : public stand_in {
 public:
  explicit recording_context(T& behaviour, std::string id = "1", std::string node = "n1")
      : stand_in(&behaviour, detail::behaviour_of<T>, std::move(id), std::move(node)),
        self_(&behaviour) {}

  /// Calls the behaviour's `started`, when it has one.
  void start() { begin(); }

  /// Hands the behaviour a message as a node does, asked when it has an answer:
  /// `ctx.handle(get{}).value()`. That may come later, from a promise or another actor.
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
  void advance(std::chrono::nanoseconds by) { record().advance(by); }

  /// The messages of one kind that were told, to anybody or to `ref`, in order.
  template <class To, class M>
  [[nodiscard]] std::vector<M> told() const {
    return sent<To, M>(false, nullptr);
  }
  template <class To, class M, class Ref>
  [[nodiscard]] std::vector<M> told(const Ref& ref) const {
    return sent<To, M>(false, &ref.where().far_place());
  }
  /// The same for those with an answer: asked, or delegated; answered since or not.
  template <class To, class M>
  [[nodiscard]] std::vector<M> asked() const {
    return sent<To, M>(true, nullptr);
  }

  /// The events of one kind that it has persisted, in order; each was applied at once.
  template <class E>
  [[nodiscard]] std::vector<E> persisted() const {
    return persisted_.template all<E>(record());
  }

  /// Answers the earliest ask of this kind that waits, and runs its continuation. An answer after
  /// the ask's deadline is ignored. Throws std::logic_error when there is no such ask.
  template <class To, class M>
  void answer_next(detail::answer_to<To, M> value) {
    record().next_asked(detail::handler_of<To, M>())->answer(&value);
  }
  template <class To, class M>
  void fail_next(error why) {
    record().next_asked(detail::handler_of<To, M>())->fail(std::move(why));
  }

  /// How many jobs it has offloaded to `pool`, which may have any name, that have not run yet and
  /// were not given up.
  [[nodiscard]] std::size_t offloaded(std::string_view pool) { return offloads().waiting(pool); }
  /// Runs the jobs that wait now, of all pools, in the order in which they were offloaded, each
  /// with its continuation. What that offloads waits for the next call. Returns how many ran.
  std::size_t run_offloaded() { return offloads().run(); }

  /// The actor behind `ref` has ended, like this: stops the behaviour, if it is linked to it and
  /// that was no normal end, else hands over what it wanted to get then.
  template <class Ref>
  void end(const Ref& ref, const exit_reason& why = {}) {
    end_links_with(ref.where(), why);
    if (!stopped()) run_watches_of(ref.where(), why);
  }
  template <class Ref>
  [[nodiscard]] bool linked(const Ref& ref) const {
    return is_linked_to(ref.where());
  }

  /// The children of this type, in the order of their start.
  template <class Child>
  [[nodiscard]] std::vector<actor_ref<Child>> spawned() const {
    std::vector<actor_ref<Child>> found;
    for (const auto& [type, where] : children()) {
      if (type == &detail::behaviour_of<Child>) found.push_back(actor_ref<Child>{where});
    }
    return found;
  }
  [[nodiscard]] bool stopped() const noexcept { return has_stopped(); }

  /// An actor elsewhere, different from all others, to stand in messages.
  template <class Somebody>
  [[nodiscard]] actor_ref<Somebody> somebody() {
    return actor_ref<Somebody>{new_route()};
  }

 private:
  void remember(const void* tag, const void* event) override { persisted_.add(*self_, tag, event); }

  template <class To, class M>
  std::vector<M> sent(bool asked, const detail::place* to) const {
    std::vector<M> found;
    for (const auto& one : record().all()) {
      if (one.message->what != &detail::handler_of<To, M>() || one.asked != asked) continue;
      if (!to || one.to == *to) found.push_back(*static_cast<const M*>(one.message->payload()));
    }
    return found;
  }

  T* self_;
  event_recorder<T> persisted_;
};

}  // namespace troupe::testing
