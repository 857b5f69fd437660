#include "runtime/cell.hpp"
#include <troupe/bridge/caf_parts.hpp>

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/default_attachable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::bridge {

namespace {

constexpr auto category = caf::atom("troupe");

bool is(const caf::error& why, caf::sec code) {
  return why.compare(static_cast<std::uint8_t>(code), caf::atom("system")) == 0;
}
bool is(const caf::error& why, caf::exit_reason code) {
  return why.compare(static_cast<std::uint8_t>(code), caf::atom("exit")) == 0;
}

errc code_of(const caf::error& why) {
  using caf::exit_reason;
  using caf::sec;
  if (why.category() == category) return static_cast<errc>(why.code());
  if (is(why, sec::request_timeout)) return errc::timeout;
  if (is(why, sec::unexpected_message)) return errc::unknown_message;
  if (is(why, sec::request_receiver_down)) return errc::stopped;
  if (is(why, sec::runtime_error) || is(why, exit_reason::unhandled_exception)) {
    return errc::crashed;
  }
  if (why.category() == caf::atom("exit")) return errc::stopped;
  return errc::refused;
}

}  // namespace

caf::error to_caf(const error& why) {
  return {static_cast<std::uint8_t>(why.code), category,
          caf::make_message(std::string{to_string(why.code)}, why.what)};
}

error to_troupe(const caf::error& why) {
  if (!why) return {};
  const auto& context = why.context();
  if (why.category() == category && context.match_elements<std::string, std::string>()) {
    return {code_of(why), context.get_as<std::string>(1)};
  }
  return {code_of(why), caf::to_string(why)};
}

caf::error to_caf(const exit_reason& why) {
  switch (why.kind) {
    case exit_kind::normal: return {};
    case exit_kind::shutdown: return caf::exit_reason::user_shutdown;
    case exit_kind::unreachable: return caf::exit_reason::remote_link_unreachable;
    case exit_kind::killed: return caf::exit_reason::kill;
    case exit_kind::crashed: break;
  }
  return {static_cast<std::uint8_t>(caf::exit_reason::unhandled_exception), caf::atom("exit"),
          caf::make_message(why.what)};
}

exit_reason to_exit_reason(const caf::error& why) {
  if (!why || is(why, caf::exit_reason::normal)) return {exit_kind::normal, {}};
  if (is(why, caf::exit_reason::user_shutdown) || is(why, caf::exit_reason::kill)) {
    return {exit_kind::shutdown, {}};
  }
  if (is(why, caf::exit_reason::remote_link_unreachable)) {
    return {exit_kind::unreachable, "the node of the CAF actor cannot be reached"};
  }
  return {exit_kind::crashed, caf::to_string(why)};
}

namespace detail {

namespace {

/// A mirror among CAF's actors: where answers and the end of the mirrored one arrive.
class listening_post final : public caf::monitorable_actor {
 public:
  listening_post(caf::actor_config& config, caf::actor peer, troupe::detail::route mirror)
      : monitorable_actor(config), peer_(std::move(peer)), mirror_(std::move(mirror)) {}

  const char* name() const override { return "troupe::bridge::mirror"; }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    const auto peer_is_down = [this](caf::down_msg& down) { end(to_exit_reason(down.reason)); };
    if (what->mid.is_response()) return answered(*what);
    if (handle_system_message(*what, host, false, peer_is_down)) return;
    bounce(what, caf::sec::unexpected_message);
  }

  void open() { peer_->attach(caf::default_attachable::make_monitor(peer_->address(), address())); }
  void close() {
    const caf::default_attachable::observe_token mine{address(), caf::default_attachable::monitor};
    peer_->detach(caf::attachable::token{mine});
    fail_all({errc::stopped, "the mirror of the CAF actor has ended"});
  }
  void tell(caf::message what) {
    peer_->enqueue(nullptr, caf::make_message_id(), std::move(what), nullptr);
  }
  void ask(caf::message what, waiting_ask who) {
    const auto number = add(who);
    if (!number) {
      return who.sink->fail({errc::overloaded, "too many asks wait for this CAF actor's answers"});
    }
    peer_->enqueue(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(*number), std::move(what),
                   nullptr);
  }

 private:
  void end(const exit_reason& why) {
    const auto code = why.kind == exit_kind::crashed ? errc::crashed : errc::stopped;
    fail_all({code, "the CAF actor has ended: " + why.what});
    if (auto* behind = mirror_.cell()) behind->stop(why);
  }

  void answered(caf::mailbox_element& what) {
    waiting_ask who;
    {
      const std::lock_guard lock{asks_mutex_};
      const auto found = asks_.find(what.mid.request_id().integer_value());
      if (found == asks_.end()) return;
      who = std::move(found->second);
      asks_.erase(found);
    }
    auto& content = what.content();
    if (content.match_elements<caf::error>()) {
      who.sink->fail(to_troupe(content.get_as<caf::error>(0)));
    } else if (!who.give(content, *who.sink)) {
      who.sink->fail({errc::timeout, "it was handled, but the CAF actor answered with " +
                                         content.stringify() + ", which is not the answer's type"});
    }
  }

  std::optional<std::uint64_t> add(waiting_ask& who) {
    std::vector<waiting_ask> late;  // freed after the lock; whoever asked knows the time himself
    const std::lock_guard lock{asks_mutex_};
    if (asks_.size() >= most_asks) take_late(late);
    if (asks_.size() >= most_asks) return {};
    next_look_ = std::min(next_look_, who.deadline);
    asks_.emplace(++last_ask_, std::move(who));
    return last_ask_;
  }

  void take_late(std::vector<waiting_ask>& late) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return;
    next_look_ = troupe::detail::time_point::max();
    for (auto it = asks_.begin(); it != asks_.end();) {
      if (it->second.deadline > now) {
        next_look_ = std::min(next_look_, it++->second.deadline);
      } else {
        late.push_back(std::move(it->second));
        it = asks_.erase(it);
      }
    }
  }

  void fail_all(const error& why) {
    std::map<std::uint64_t, waiting_ask> all;
    {
      const std::lock_guard lock{asks_mutex_};
      all.swap(asks_);
    }
    for (auto& [number, who] : all) who.sink->fail(why);
  }

  const caf::actor peer_;
  const troupe::detail::route mirror_;
  std::mutex asks_mutex_;
  std::map<std::uint64_t, waiting_ask> asks_;
  std::uint64_t last_ask_ = 0;
  troupe::detail::time_point next_look_ =
      troupe::detail::time_point::max();  // none of them is late before
};

class open_way final : public way_to_caf {
 public:
  open_way(const caf::actor& peer, troupe::detail::route mirror) {
    auto& system = peer->home_system();
    caf::actor_config config;
    post_ = caf::make_actor<listening_post, caf::strong_actor_ptr>(
        system.next_actor_id(), system.node(), &system, config, peer, std::move(mirror));
    post().open();
  }
  ~open_way() override { post().close(); }
  void tell(caf::message what) override { post().tell(std::move(what)); }
  void ask(caf::message what, waiting_ask who) override {
    post().ask(std::move(what), std::move(who));
  }

 private:
  listening_post& post() const { return *static_cast<listening_post*>(post_->get()); }
  caf::strong_actor_ptr post_;
};

}  // namespace

std::unique_ptr<way_to_caf> connect(const caf::actor& peer, troupe::detail::route mirror) {
  return std::make_unique<open_way>(peer, std::move(mirror));
}

}  // namespace detail

}  // namespace troupe::bridge
