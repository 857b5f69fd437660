// What a behaviour understands: its messages and their answers, as a list of function signatures.
#pragma once

#include <troupe/core/result.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace troupe {

/// The interface of a behaviour: `troupe::protocol<void(add), int(get)>`.
///
/// `void(M)` is a message without an answer (tell it), `R(M)` one that is answered (ask it, or tell
/// it and let the answer go). Messages are distinct classes; each has a wire form (codec.hpp).
template <class... Signatures>
struct protocol {};

namespace detail {

template <class Signature>
struct signature;
template <class R, class M>
struct signature<R(M)> {
  using answer = R;
  using message = M;
};

struct not_understood {};

template <class M, class Protocol>
struct answer_in {
  using type = not_understood;
};
template <class M, class First, class... Rest>
struct answer_in<M, protocol<First, Rest...>> {
  using type = typename std::conditional_t<std::is_same_v<M, typename signature<First>::message>,
                                           std::type_identity<typename signature<First>::answer>,
                                           answer_in<M, protocol<Rest...>>>::type;
};

/// What `T` answers to an `M`: a type, void, or not_understood.
template <class T, class M>
using answer_to = typename answer_in<M, typename T::protocol>::type;

/// The unqualified name of a type, as its source spells it.
template <class T>
constexpr std::string_view bare_name() {
  std::string_view name = __PRETTY_FUNCTION__;
  name = name.substr(name.find("T = ") + 4);
  name = name.substr(0, name.find_first_of(";]"));
  if (const auto colon = name.rfind(':'); colon != std::string_view::npos)
    name.remove_prefix(colon + 1);
  return name;
}

/// The stable name of a message: its `static constexpr auto name`, else the struct's own name.
template <class M>
constexpr std::string_view message_name() {
  if constexpr (requires { std::string_view{M::name}; }) {
    return M::name;
  } else {
    return bare_name<M>();
  }
}

/// 32-bit FNV-1a (Fowler, Noll, Vo): the number of a message on the wire; unique inside a protocol.
constexpr std::uint32_t wire_id(std::string_view name) noexcept {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

template <class... Signatures>
constexpr bool distinct_ids(protocol<Signatures...>) {
  constexpr std::uint32_t ids[] = {
      wire_id(message_name<typename signature<Signatures>::message>())..., 0};
  for (std::size_t a = 0; a < sizeof...(Signatures); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (ids[a] == ids[b]) return false;
    }
  }
  return true;
}

}  // namespace detail

/// Whether a behaviour's protocol has the message `M`.
template <class T, class M>
concept understands = !std::is_same_v<detail::answer_to<T, M>, detail::not_understood>;

}  // namespace troupe
