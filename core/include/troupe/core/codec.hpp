// Values ⇄ bytes: numbers, texts, containers, optionals, and structures whose fields may be appended.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <troupe/core/fields.hpp>
#include <troupe/core/wire.hpp>

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
} && !std::same_as<T, std::string>;

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

/// Whether values of `T` have a wire form. `Outer`: the structures around it, so that a tree may hold trees.
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

template <class T>
constexpr std::uint64_t zigzag(T value) noexcept {
  const auto wide = static_cast<std::int64_t>(value);
  return (static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63);
}

}  // namespace detail

/// Appends the wire form of `value`.
///
/// A structure is its length and then its fields, so that fields may be appended to a type: an old reader
/// skips what it does not know, a new reader leaves what is missing at its default.
template <class T>
void encode(writer& out, const T& value) {
  static_assert(detail::encodable_v<T>(), "troupe: a value of this type cannot be encoded");
  using namespace detail;
  if constexpr (custom_codec<T>) {
    codec<T>::encode(value, out);
  } else if constexpr (std::is_enum_v<T>) {
    encode(out, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    static_assert(sizeof(T) <= 8, "troupe: long double has no wire form; use double");
    out.bytes(&value, sizeof value);  // little endian; checked in wire.cpp
  } else if constexpr (std::is_unsigned_v<T>) {
    out.varint(value);
  } else if constexpr (std::is_integral_v<T>) {
    out.varint(zigzag(value));
  } else if constexpr (std::same_as<T, std::string>) {
    out.text(value);
  } else if constexpr (is_duration<T>) {
    out.varint(zigzag(value.count()));
  } else if constexpr (is_optional<T> || is_shared<T>) {
    out.varint(value ? 1 : 0);
    if (value) encode(out, *value);
  } else if constexpr (is_product<T>) {
    std::apply([&](const auto&... part) { (encode(out, part), ...); }, value);
  } else if constexpr (sequence<T>) {
    out.varint(value.size());
    for (const auto& item : value) encode(out, static_cast<const typename T::value_type&>(item));
  } else {
    const auto start = out.size();
    for_each_field(const_cast<T&>(value), [&](auto& field) { encode(out, std::as_const(field)); });
    out.length_before(start);
  }
}

template <class T>
[[nodiscard]] bool decode(reader& in, T& value);

namespace detail {

template <class T>
bool decode_integer(reader& in, T& value) {
  std::uint64_t raw = 0;
  if (!in.varint(raw)) return false;
  if constexpr (std::is_unsigned_v<T>) {
    if (raw > std::numeric_limits<T>::max()) return in.fail();
    value = static_cast<T>(raw);
  } else {
    const auto wide = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) return in.fail();
    value = static_cast<T>(wide);
  }
  return true;
}

template <class T>
struct mutable_item {  // a map's value_type has a const key
  using type = T;
};
template <class K, class V>
struct mutable_item<std::pair<const K, V>> {
  using type = std::pair<K, V>;
};

template <class T>
bool decode_sequence(reader& in, T& value) {
  std::uint64_t count = 0;
  if (!in.varint(count) || count > in.left()) return in.fail();  // an item takes at least a byte
  value.clear();
  for (; count > 0; --count) {
    typename mutable_item<typename T::value_type>::type item{};
    if (!decode(in, item)) return false;
    value.insert(value.end(), std::move(item));
  }
  return true;
}

template <class T>
bool decode_fields(reader& in, T& value) {
  std::string_view inside;
  if (!in.text(inside)) return false;
  reader fields = in.nested(inside);
  for_each_field(value, [&](auto& field) {
    if (fields.left() > 0 && !decode(fields, field)) fields.fail();
  });
  return !fields.failed() || in.fail();
}

}  // namespace detail

/// Reads what `encode` wrote into `value`; false, and a failed reader, when the bytes are not of this type.
/// Allocates no more than a small multiple of the bytes that are there.
template <class T>
bool decode(reader& in, T& value) {
  using namespace detail;
  if constexpr (custom_codec<T>) {
    return codec<T>::decode(value, in);
  } else if constexpr (std::same_as<T, bool>) {
    std::uint8_t raw = 0;
    if (!decode_integer(in, raw) || raw > 1) return in.fail();
    value = raw == 1;
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> raw{};
    if (!decode(in, raw)) return false;
    value = static_cast<T>(raw);
    return true;
  } else if constexpr (std::is_floating_point_v<T>) {
    return in.bytes(&value, sizeof value);
  } else if constexpr (std::is_integral_v<T>) {
    return decode_integer(in, value);
  } else if constexpr (std::same_as<T, std::string>) {
    std::string_view text;
    if (!in.text(text)) return false;
    value.assign(text);
    return true;
  } else if constexpr (is_duration<T>) {
    typename T::rep count{};
    if (!decode_integer(in, count)) return false;
    value = T{count};
    return true;
  } else if constexpr (is_optional<T> || is_shared<T>) {
    bool there = false;
    if (!decode(in, there)) return false;
    if (!there) return value = {}, true;
    if constexpr (is_optional<T>) {
      return decode(in, value.emplace());
    } else {
      auto fresh = std::make_shared<std::remove_const_t<typename T::element_type>>();
      const bool read = decode(in, *fresh);
      value = std::move(fresh);
      return read;
    }
  } else if constexpr (is_product<T>) {
    return std::apply([&](auto&... part) { return (decode(in, part) && ...); }, value);
  } else if constexpr (sequence<T>) {
    return decode_sequence(in, value);
  } else {
    return decode_fields(in, value);
  }
}

}  // namespace troupe
