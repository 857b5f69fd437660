// What has a wire form: numbers, texts, containers, optionals, and structures of them.
#pragma once

#include <troupe/core/fields.hpp>
#include <troupe/core/wire.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

/// Specialise for a type of your own with
/// `static void encode(const T&, writer&)` and `static bool decode(T&, reader&)`.
template <class T>
struct codec;

namespace detail {

template <class T>
concept custom_codec = requires(const T& in, T& out, writer& w, reader& r) {
  codec<T>::encode(in, w);
  { codec<T>::decode(out, r) } -> std::same_as<bool>;
};

template <class T>
concept number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class T>
concept sequence = requires(T& c, typename T::value_type v) {
  c.size();
  c.clear();
  c.insert(c.end(), std::move(v));
}
&&!std::same_as<T, std::string>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_shared = false;  // shared inside a node, copied between nodes
template <class T>
inline constexpr bool is_shared<std::shared_ptr<const T>> = true;
template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = std::integral<R>;
template <class T>
inline constexpr bool is_product = false;
template <class A, class B>
inline constexpr bool is_product<std::pair<A, B>> = true;
template <class... T>
inline constexpr bool is_product<std::tuple<T...>> = true;
template <class T, std::size_t N>
inline constexpr bool is_product<std::array<T, N>> = true;

template <class T, class... Outer>
constexpr bool encodable_v();

template <class Parts, class... Outer>
struct all_encodable;
template <class... T, class... Outer>
struct all_encodable<std::tuple<T...>, Outer...>
    : std::bool_constant<(encodable_v<std::remove_const_t<T>, Outer...>() && ...)> {};
template <class A, class B, class... Outer>
struct all_encodable<std::pair<A, B>, Outer...> : all_encodable<std::tuple<A, B>, Outer...> {};
template <class T, std::size_t N, class... Outer>
struct all_encodable<std::array<T, N>, Outer...> : all_encodable<std::tuple<T>, Outer...> {};

/// Whether values of `T` have a wire form. `Outer`: the structures around it, so that a tree may
/// hold trees.
template <class T, class... Outer>
constexpr bool encodable_v() {
  if constexpr (custom_codec<T> || number<T> || std::same_as<T, std::string> || is_duration<T> ||
                (std::same_as<T, Outer> || ...)) {
    return true;
  } else if constexpr (is_optional<T>) {
    return encodable_v<typename T::value_type, Outer...>();
  } else if constexpr (is_shared<T>) {
    return encodable_v<std::remove_const_t<typename T::element_type>, Outer...>();
  } else if constexpr (is_product<T>) {
    return all_encodable<T, Outer...>::value;
  } else if constexpr (sequence<T>) {
    return encodable_v<typename T::value_type, Outer...>();
  } else if constexpr (decomposable<T>) {
    return all_encodable<field_types_t<T>, T, Outer...>::value;
  } else {
    return false;
  }
}

}  // namespace detail

}  // namespace troupe
