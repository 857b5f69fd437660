// A value, or the reason why there is none. Callers must look: result is [[nodiscard]].
#pragma once

#include <troupe/core/errc.hpp>

#include <stdexcept>
#include <utility>
#include <variant>

namespace troupe {

/// Thrown by `result::value()` when there is no value: the caller asked without looking.
class bad_result : public std::runtime_error {
 public:
  explicit bad_result(error e) : std::runtime_error(to_string(e)), error_(std::move(e)) {}
  [[nodiscard]] const error& why() const noexcept { return error_; }

 private:
  error error_;
};

/// Holds a `T` or an `error`, never both. A plain value: no thread affinity.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  result(error why) : state_(std::in_place_index<1>, std::move(why)) {}               // NOLINT
  result(errc code, std::string what = {}) : result(error{code, std::move(what)}) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// The value. Throws `bad_result` with the whole sentence when there is none.
  T& value() & { return check(), std::get<0>(state_); }
  const T& value() const& { return check(), std::get<0>(state_); }
  T value() && { return check(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The reason; must not be called when `ok()`.
  [[nodiscard]] const error& why() const { return std::get<1>(state_); }
  /// `errc::ok` when there is a value.
  [[nodiscard]] errc code() const noexcept {
    return ok() ? errc::ok : std::get_if<1>(&state_)->code;
  }

 private:
  void check() const {
    if (!ok()) throw bad_result(why());
  }
  std::variant<T, error> state_;
};

/// Success without a value, or the reason why not.
template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(error why) : why_(std::move(why)) {}                                       // NOLINT
  result(errc code, std::string what = {}) : why_(error{code, std::move(what)}) {}  // NOLINT

  [[nodiscard]] bool ok() const noexcept { return why_.code == errc::ok; }
  explicit operator bool() const noexcept { return ok(); }
  void value() const {
    if (!ok()) throw bad_result(why_);
  }
  [[nodiscard]] const error& why() const noexcept { return why_; }
  [[nodiscard]] errc code() const noexcept { return why_.code; }

 private:
  error why_;
};

}  // namespace troupe
