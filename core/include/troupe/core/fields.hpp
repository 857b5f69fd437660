// The fields of a message: found by aggregate decomposition, or given by the type's own fields().
#pragma once

#include <boost/pfr/core.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe::detail {

/// The way out for types that are no aggregates: `auto fields() { return std::tie(a, b); }`.
template <class T>
concept has_fields = requires(T& value) {
  value.fields();
};

/// What can be taken apart: an aggregate of at most 200 fields without base classes and C arrays
/// (the limits of Boost.PFR), or a type with fields().
template <class T>
concept decomposable = has_fields<T> ||(std::is_aggregate_v<T>&& std::is_class_v<T>);

/// Calls `visit(field)` for each field, in order of declaration.
template <decomposable T, class Visitor>
void for_each_field(T& value, Visitor&& visit) {
  if constexpr (has_fields<T>) {
    std::apply([&](auto&... field) { (visit(field), ...); }, value.fields());
  } else {
    boost::pfr::for_each_field(value, std::forward<Visitor>(visit));
  }
}

template <class T>
struct field_types {  // of an aggregate
  template <std::size_t... I>
  static auto list(std::index_sequence<I...>) -> std::tuple<boost::pfr::tuple_element_t<I, T>...>;
  using type = decltype(list(std::make_index_sequence<boost::pfr::tuple_size_v<T>>{}));
};

template <has_fields T>
struct field_types<T> {
  template <class... F>
  static auto list(std::tuple<F&...>) -> std::tuple<F...>;
  using type = decltype(list(std::declval<T&>().fields()));
};

/// std::tuple of the fields' types.
template <decomposable T>
using field_types_t = typename field_types<T>::type;

}  // namespace troupe::detail
