#include "runtime/cell.hpp"
#include <troupe/bridge/caf.hpp>
#include <troupe/core/detail/end_listener.hpp>

#include <caf/actor_config.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <mutex>
#include <vector>

namespace troupe::bridge::detail {

namespace {

/// Answers a CAF request, or nobody when it was none.
class reply {
 public:
  explicit reply(caf::mailbox_element& to) : id_(to.mid) {
    if (!id_.is_request()) return;
    sender_ = to.sender;
    stages_ = std::move(to.stages);
  }
  void give(caf::message content) {
    if (!stages_.empty()) {  // composed actors: the next one gets it as a message
      const auto next = std::move(stages_.back());
      stages_.pop_back();
      next->enqueue(caf::make_mailbox_element(std::move(sender_), id_, std::move(stages_),
                                              std::move(content)),
                    nullptr);
    } else if (sender_) {
      sender_->enqueue(nullptr, id_.response_id(), std::move(content), nullptr);
    }
  }
  void refuse(const caf::error& why) {
    if (sender_) sender_->enqueue(nullptr, id_.response_id(), caf::make_message(why), nullptr);
  }

 private:
  caf::message_id id_;
  caf::strong_actor_ptr sender_;
  caf::mailbox_element::forwarding_stack stages_;
};

class reply_sink final : public troupe::detail::answer_sink {
 public:
  reply_sink(reply to, const understood& what) : to_(std::move(to)), what_(what) {}
  void answer(void* value) override { to_.give(what_.answer(value)); }
  void fail(error why) override { to_.refuse(to_caf(why)); }

 private:
  reply to_;
  const understood& what_;
};

class proxy;

/// Keeps no proxy alive: one that nobody uses goes.
class proxy_end final : public troupe::detail::end_listener {
 public:
  explicit proxy_end(caf::weak_actor_ptr who) : who_(std::move(who)) {}
  void ended(const exit_reason& why) override;

 private:
  caf::weak_actor_ptr who_;
};

/// A Troupe actor among CAF's. It has no thread and no mailbox: senders do its work.
class proxy final : public caf::monitorable_actor {
 public:
  proxy(caf::actor_config& config, troupe::detail::route to, understood_range messages,
        std::chrono::nanoseconds answer_within)
      : monitorable_actor(config),
        to_(std::move(to)),
        messages_(messages),
        answer_within_(answer_within) {}

  const char* name() const override { return "troupe::bridge::proxy"; }

  /// Once, when its own address is known.
  void watch() {
    end_ = std::make_shared<proxy_end>(caf::weak_actor_ptr{ctrl()});
    watched_ = to_.watch(end_) == errc::ok;
  }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    const bool exits = what->content().match_elements<caf::exit_msg>() &&
                       what->content().get_as<caf::exit_msg>(0).reason;
    if (handle_system_message(*what, host, false)) {
      if (auto* behind = exits ? to_.cell() : nullptr) behind->stop();
      return;
    }
    const auto* found = messages_.first;
    const auto* const last = found + messages_.count;
    while (found != last && !found->matches(what->content())) ++found;
    if (found == last) return reply{*what}.refuse(caf::sec::unexpected_message);
    deliver(*found, *what);
  }

  // One with monitors or links stays until its actor ends, whoever else lets go of it.
  void attach(caf::attachable_ptr one) override {
    monitorable_actor::attach(std::move(one));
    const std::lock_guard lock{mtx_};
    stay();
  }
  void add_link(caf::abstract_actor* other) override {
    monitorable_actor::add_link(other);
    const std::lock_guard lock{mtx_};
    stay();
  }
  bool add_backlink(caf::abstract_actor* other) override {  // under the lock
    const bool added = monitorable_actor::add_backlink(other);
    stay();
    return added;
  }
  std::size_t detach(const caf::attachable::token& which) override {
    const auto removed = monitorable_actor::detach(which);
    caf::strong_actor_ptr let_go;  // after the lock
    const std::lock_guard lock{mtx_};
    if (!attachables_head_) let_go.swap(self_);
    return removed;
  }
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    const bool first = monitorable_actor::cleanup(std::move(reason), host);
    caf::strong_actor_ptr let_go;
    const std::lock_guard lock{mtx_};
    let_go.swap(self_);
    return first;
  }

  void on_destroy() override {
    to_.unwatch(end_);
    monitorable_actor::on_destroy();
  }

 private:
  void stay() {
    if (watched_ && attachables_head_ && !getf(is_terminated_flag)) self_.reset(ctrl());
  }

  void deliver(const understood& how, caf::mailbox_element& what) {
    auto message = how.take(what.content());
    if (!what.mid.is_request()) return (void)to_.send(std::move(message));
    reply back{what};
    if (how.answer) {
      message->sink = std::make_unique<reply_sink>(std::move(back), how);
      message->deadline = std::chrono::steady_clock::now() + answer_within_;
      (void)to_.send(std::move(message));  // a refusal reaches the sink
    } else if (const errc sent = to_.send(std::move(message)); sent == errc::ok) {
      back.give({});
    } else {
      back.refuse(to_caf(error{sent, "the message was not accepted"}));
    }
  }

  const troupe::detail::route to_;
  const understood_range messages_;
  const std::chrono::nanoseconds answer_within_;
  std::shared_ptr<troupe::detail::end_listener> end_;
  bool watched_ = false;
  caf::strong_actor_ptr self_;
};

void proxy_end::ended(const exit_reason& why) {
  if (const auto alive = who_.lock()) {
    static_cast<proxy*>(alive->get())->cleanup(to_caf(why), nullptr);
  }
}

}  // namespace

caf::actor make_proxy(caf::actor_system& system, troupe::detail::route to,
                      understood_range messages, std::chrono::nanoseconds answer_within) {
  caf::actor_config config;
  const auto made =
      caf::make_actor<proxy, caf::strong_actor_ptr>(system.next_actor_id(), system.node(), &system,
                                                    config, std::move(to), messages, answer_within);
  static_cast<proxy*>(made->get())->watch();
  return caf::actor_cast<caf::actor>(made);
}

}  // namespace troupe::bridge::detail
