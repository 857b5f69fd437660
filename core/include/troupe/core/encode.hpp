// Values to bytes.
#pragma once

#include <troupe/core/encodable.hpp>

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

namespace detail {

template <class T>
constexpr std::uint64_t zigzag(T value) noexcept {
  const auto wide = static_cast<std::int64_t>(value);
  return (static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63);
}

}  // namespace detail

/// Appends the wire form of `value`.
///
/// A structure is its length and then its fields, so that fields may be appended to a type: an old
/// reader skips what it does not know, a new reader leaves what is missing at its default.
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
    encode(out, value.count());
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

}  // namespace troupe
