// A context that stands in for a node's: the effects of one behaviour end in a recorder.
#pragma once

#include <troupe/core/context.hpp>
#include <troupe/testing/offload_recorder.hpp>
#include <troupe/testing/recorder.hpp>
#include <troupe/testing/turns.hpp>
#include <troupe/testing/unkept_children.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::testing {

/// What recording_context is without its types; tests use that one. One thread.
class stand_in : public context {
 public:
  stand_in(const stand_in&) = delete;
  stand_in& operator=(const stand_in&) = delete;
  ~stand_in() override {
    turns_.end();
    recorder_->close();
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
    if (!to.via()) return to.send(std::move(message));
    return recorder_->send(to.far_place(), std::move(message));
  }
  void begin(detail::pending_ask& ask, detail::time_point deadline) override {
    recorder_->begin(ask, deadline);
  }
  void cancel(const ask_handle& ask) override {
    if (ask.get()) recorder_->give_up(*ask.get());
  }
  detail::offload_queue& pool_called(std::string_view name) override {
    return offloads_.called(name);
  }
  void send_many(const detail::route_range& to, detail::envelope_ptr message) override {
    for (std::size_t i = 0; i < to.count; ++i) {
      if (to[i]) (void)send(to[i], detail::copy_envelope(*message));
    }
  }
  detail::sink_ptr take_sink(const void* answer_tag) override {
    auto* const now = turns_.handled();
    if (!now || !now->sink) return nullptr;
    detail::check_answer(*now->what, answer_tag);
    return std::move(now->sink);
  }
  detail::time_point current_deadline() const override {
    const auto* const now = turns_.handled();
    return now ? now->deadline : detail::time_point::max();
  }
  timer_id start_once(std::chrono::nanoseconds delay, detail::envelope_ptr message) override {
    return recorder_->start_timer(
        now() + delay, {},
        [this, kept = std::make_shared<detail::envelope_ptr>(std::move(message))] {
          turns_.run(std::move(*kept));
        });
  }
  timer_id start_every(std::chrono::nanoseconds period, detail::envelope_ptr message) override {
    return recorder_->start_timer(
        now() + period, period,
        [this, kept = std::make_shared<detail::envelope_ptr>(std::move(message))] {
          turns_.run(detail::copy_envelope(**kept));
        });
  }
  timer_id& named_timer(std::string_view name) override { return named_[std::string{name}]; }
  errc watch_end(const detail::route& whom, detail::end_message message) override {
    watched_.emplace_back(whom, std::move(message));
    return errc::ok;
  }
  void unwatch_end(const detail::route& whom) override {
    std::erase_if(watched_, [&](const auto& one) { return one.first == whom; });
  }
  errc link_ends(const detail::route& whom) override {
    unlink_ends(whom);
    linked_.push_back(whom);
    return errc::ok;
  }
  void unlink_ends(const detail::route& whom) override { std::erase(linked_, whom); }
  detail::route start_child(detail::birth birth) override { return add_child(*birth.type); }
  detail::child_keeping& keeping() override { return keeping_; }
  detail::route own_route() override { return own_; }
  const detail::behaviour_type& behaviour() const override { return type_; }
  detail::locator& references() override { return *recorder_; }
  bool put_aside(detail::envelope_ptr message) override {
    return turns_.put_aside(std::move(message));
  }
  void unstash() override { turns_.unstash(); }
  std::unique_ptr<detail::task_root> open_task() override { return turns_.open_task(); }

 protected:
  stand_in(void* self, const detail::behaviour_type& type, std::string id, std::string node)
      : self_(self),
        type_(type),
        id_(std::move(id)),
        node_(std::move(node)),
        turns_(self, type, *this) {}

  void begin() {
    if (type_.started) type_.started(self_, *this);
  }
  void run(detail::envelope_ptr message) { turns_.take(std::move(message)); }
  [[nodiscard]] bool is_linked_to(const detail::route& whom) const {
    return std::ranges::find(linked_, whom) != linked_.end();
  }
  void end_links_with(const detail::route& whom, const exit_reason& why) {
    if (std::erase(linked_, whom) > 0 && why.kind != exit_kind::normal) stop();
  }
  void run_watches_of(const detail::route& whom, const exit_reason& why) {
    for (auto it = watched_.begin(); it != watched_.end();) {
      if (it->first != whom) {
        ++it;
        continue;
      }
      const auto message = std::move(it->second);
      watched_.erase(it);
      run(message(why));
      it = watched_.begin();  // it may have watched more, or others no more
    }
  }
  detail::route add_child(const detail::behaviour_type& type) {
    return children_.emplace_back(&type, new_route()).second;
  }
  [[nodiscard]] detail::route new_route() { return {recorder_, {node_, ++last_actor_}}; }
  [[nodiscard]] recorder& record() const noexcept { return *recorder_; }
  [[nodiscard]] offload_recorder& offloads() noexcept { return offloads_; }
  [[nodiscard]] const auto& children() const noexcept { return children_; }
  [[nodiscard]] bool has_stopped() const noexcept { return stopped_; }

 private:
  void* self_;
  const detail::behaviour_type& type_;
  std::string id_, node_;
  std::shared_ptr<recorder> recorder_ =
      std::make_shared<recorder>(*this, [this] { turns_.go_on(); });
  const detail::time_point begin_ = recorder_->now();
  std::uint64_t last_actor_ = 0;
  detail::route own_ = new_route();
  std::mt19937_64 chance_;
  std::map<std::string, timer_id> named_;
  offload_recorder offloads_;
  std::vector<std::pair<const detail::behaviour_type*, detail::route>> children_;
  unkept_children keeping_{[this](const auto& type) { return add_child(type); }};
  std::vector<std::pair<detail::route, detail::end_message>> watched_;
  std::vector<detail::route> linked_;
  bool stopped_ = false;
  turns turns_;
};

}  // namespace troupe::testing
