// What the bridge to CAF is made of: errors in both languages, and messages on their way across.
#pragma once

#include <troupe/core/context.hpp>
#include <troupe/core/detail/handler_table.hpp>
#include <troupe/core/exit_reason.hpp>

#include <caf/actor.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/type_erased_tuple.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe::bridge {

/// Of the category "troupe", with the `errc` as its code, its name and the sentence as its context.
[[nodiscard]] caf::error to_caf(const error& why);
/// The same again, if it was one of ours. `sec::request_timeout` is `timeout`, an unexpected
/// message `unknown_message`, the end of the receiver `stopped` or `crashed`, and every other error
/// of a CAF actor `refused`; the text is CAF's.
[[nodiscard]] error to_troupe(const caf::error& why);

/// normal → normal, shutdown → user_shutdown, crashed → unhandled_exception with the text.
[[nodiscard]] caf::error to_caf(const exit_reason& why);
/// Why a CAF actor ended: what is neither normal nor a shutdown is a crash.
[[nodiscard]] exit_reason to_exit_reason(const caf::error& why);

namespace detail {

/// How a message that comes from CAF is recognised, taken and answered.
struct understood {
  bool (*matches)(const caf::type_erased_tuple& content) = nullptr;
  troupe::detail::envelope_ptr (*take)(caf::type_erased_tuple& content) = nullptr;
  caf::message (*answer)(void* value) = nullptr;  ///< null: it has no answer
};
struct understood_range {
  const understood* first = nullptr;
  std::size_t count = 0;
};

template <class T, class Signature>
constexpr understood understand() {
  using M = typename troupe::detail::signature<Signature>::message;
  using R = typename troupe::detail::signature<Signature>::answer;
  understood u;
  u.matches = [](const caf::type_erased_tuple& content) { return content.match_elements<M>(); };
  u.take = [](caf::type_erased_tuple& content) {
    return troupe::detail::make_envelope(troupe::detail::handler_of<T, M>(),
                                         content.move_if_unshared<M>(0));
  };
  if constexpr (!std::is_void_v<R>) {
    u.answer = [](void* value) { return caf::make_message(std::move(*static_cast<R*>(value))); };
  }
  return u;
}

template <class T, class Protocol>
struct understood_table;
template <class T, class... Signatures>
struct understood_table<T, protocol<Signatures...>> {
  static constexpr std::array<understood, sizeof...(Signatures)> all{
      understand<T, Signatures>()...};
};

template <class T>
constexpr understood_range understood_by() {
  using table = understood_table<T, typename T::protocol>;
  return {table::all.data(), table::all.size()};
}

caf::actor make_proxy(caf::actor_system& system, troupe::detail::route to,
                      understood_range messages, std::chrono::nanoseconds answer_within);

/// Gives what CAF answered to the one who asked; false: it is no `R`.
template <class R>
bool give_answer(caf::type_erased_tuple& content, troupe::detail::answer_sink& sink) {
  using stored = typename caf::detail::implicit_conversions<R>::type;  // CAF keeps few integers
  if (!content.match_elements<stored>()) return false;
  R value = static_cast<R>(content.move_if_unshared<stored>(0));
  sink.answer(&value);
  return true;
}

/// An ask of a CAF actor.
struct waiting_ask {
  troupe::detail::sink_ptr sink;
  bool (*give)(caf::type_erased_tuple& content, troupe::detail::answer_sink& sink) = nullptr;
  troupe::detail::time_point deadline;
};
inline constexpr std::size_t most_asks = 10'000;

/// A mirror's connection to its CAF actor, until it is destroyed: asks that wait are then answered
/// `stopped`. Used on the mirror's turn.
class way_to_caf {
 public:
  virtual ~way_to_caf() = default;
  virtual void tell(caf::message what) = 0;
  virtual void ask(caf::message what, waiting_ask who) = 0;
};

std::unique_ptr<way_to_caf> connect(const caf::actor& peer, troupe::detail::route mirror);

}  // namespace detail

}  // namespace troupe::bridge
