// Bytes to values, checked at every step.
#pragma once

#include <troupe/core/encodable.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

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
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max())
      return in.fail();
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

/// Reads what `encode` wrote into `value`; false, and a failed reader, when the bytes are not of
/// this type. Allocates no more than a small multiple of the bytes that are there.
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
