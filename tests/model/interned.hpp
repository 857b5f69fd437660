// Values by number: equal ones have the same, so that a state of many parts is a few numbers.
#pragma once

#include <troupe/core/codec.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace troupe::model {

/// Told apart by all of their bytes; nothing is forgotten.
template <class T>
class interned {
 public:
  std::uint32_t number(const T& value) {
    bytes_.clear();
    writer out{bytes_};
    encode(out, value);
    return number(bytes_, value);
  }
  /// Told apart by `bytes`.
  std::uint32_t number(const std::string& bytes, const T& value) {
    const auto [at, is_new] =
        numbers_.try_emplace(bytes, static_cast<std::uint32_t>(values_.size()));
    if (is_new) values_.push_back(value);
    return at->second;
  }
  [[nodiscard]] const T& operator[](std::uint32_t number) const { return values_[number]; }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

 private:
  std::string bytes_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::deque<T> values_;
};

}  // namespace troupe::model
