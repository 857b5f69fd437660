// The erased handlers of a behaviour: one table of functions for its protocol, made at compile
// time.
#pragma once

#include <troupe/core/codec.hpp>
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/invoke.hpp>
#include <troupe/core/detail/shared.hpp>
#include <troupe/core/protocol.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace troupe::detail {

template <class M>
inline constexpr char type_tag = 0;  // its address tells types apart

/// The same message as `original`, as one of many that share it.
template <class T, class M>
constexpr handler make_shared_handler(const handler& original) {
  handler h = original;
  h.size = sizeof(shared_part);
  h.plain = false;
  h.embedded = true;
  h.invoke = &invoke_shared<T, M>;
  h.destroy = &leave_shared;
  h.copy = nullptr;
  h.shared = nullptr;
  h.encode = [](const void* part, writer& out) {
    encode(out, *static_cast<const M*>(static_cast<const shared_part*>(part)->message));
  };
  return h;
}

template <class M>
bool decode_at(reader& in, void* where) {
  M message{};
  if (!decode(in, message)) return false;
  ::new (where) M(std::move(message));
  return true;
}

template <class R>
void decode_answer(reader& in, answer_sink& sink) {
  R value{};
  decode(in, value)
      ? sink.answer(&value)
      : sink.fail({errc::timeout, "it was handled, but the answer does not decode as its type"});
}

template <class R>
class kept_value final : public kept_answer {
 public:
  explicit kept_value(R&& value) : value_(std::move(value)) {}
  void give(answer_sink& to) override { to.answer(&value_); }

 private:
  R value_;
};

template <class T, class Signature>
constexpr handler make_handler(const handler* shared = nullptr) {
  using M = typename signature<Signature>::message;
  using R = typename signature<Signature>::answer;
  static_assert(
      encodable_v<M>(),
      "troupe: a field of this message cannot be encoded; use numbers, texts, containers, "
      "aggregates of them, give the type fields(), or specialise troupe::codec");
  handler h;
  h.name = message_name<M>();
  h.id = wire_id(h.name);
  h.size = sizeof(M);
  h.plain = std::is_trivially_copyable_v<M>;
  h.tag = &type_tag<M>;
  h.invoke = &invoke<T, M>;
  if constexpr (!std::is_trivially_destructible_v<M>) {
    h.destroy = [](void* m) noexcept { static_cast<M*>(m)->~M(); };
  }
  if constexpr (std::is_copy_constructible_v<M>) {
    h.copy = [](const void* m, void* where) { ::new (where) M(*static_cast<const M*>(m)); };
    h.shared = shared;
  }
  if constexpr (encodable_v<M>()) {
    h.encode = [](const void* m, writer& out) { encode(out, *static_cast<const M*>(m)); };
    h.decode = &decode_at<M>;
  }
  if constexpr (!std::is_void_v<R>) {
    h.answer_tag = &type_tag<R>;
    static_assert(encodable_v<R>(), "troupe: the answer of this message cannot be encoded");
    if constexpr (encodable_v<R>()) {
      h.encode_answer = [](const void* r, writer& out) { encode(out, *static_cast<const R*>(r)); };
      h.decode_answer = &decode_answer<R>;
    }
    h.keep_answer = [](void* value) -> std::unique_ptr<kept_answer> {
      return std::make_unique<kept_value<R>>(std::move(*static_cast<R*>(value)));
    };
  }
  return h;
}

template <class T, class Signature>
inline constexpr handler shared_handler =
    make_shared_handler<T, typename signature<Signature>::message>(make_handler<T, Signature>());

template <class T, class Protocol>
struct handler_table;
template <class T, class... Signatures>
struct handler_table<T, protocol<Signatures...>> {
  static_assert(
      distinct_ids(protocol<Signatures...>{}),
      "troupe: two messages of this protocol have the same name; give one a name of its own");
  static constexpr std::array<handler, sizeof...(Signatures)> all{
      make_handler<T, Signatures>(&shared_handler<T, Signatures>)...};
  template <class M>
  static constexpr std::size_t index() {
    std::size_t i = 0;
    (void)((std::is_same_v<M, typename signature<Signatures>::message> || (++i, false)) || ...);
    return i;
  }
};

/// The handler of message `M` of behaviour `T`.
template <class T, class M>
const handler& handler_of() {
  using table = handler_table<T, typename T::protocol>;
  return table::all[table::template index<M>()];
}

}  // namespace troupe::detail
