// Bytes in and out: a writer that appends and a reader that never reads beyond its end.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace troupe {

namespace detail {
class locator;

inline constexpr std::size_t longest_varint = 10;
/// Writes up to `longest_varint` bytes, and says where they end.
inline char* put_varint(char* at, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}
}  // namespace detail

/// Appends to a string. Integers are base-128 varints, least significant group first.
class writer {
 public:
  explicit writer(std::string& out) : out_(out) {}

  void varint(std::uint64_t value) {
    if (value < 0x80) return out_.push_back(static_cast<char>(value));
    std::array<char, detail::longest_varint> groups;  // NOLINT: written before it is read
    out_.append(groups.data(), detail::put_varint(groups.data(), value));
  }
  void bytes(const void* data, std::size_t size) {
    out_.append(static_cast<const char*>(data), size);
  }
  void text(std::string_view value) {
    varint(value.size());
    bytes(value.data(), value.size());
  }
  /// Puts the length of everything written since `start` in front of it.
  void length_before(std::size_t start);
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

 private:
  std::string& out_;
};

/// Reads what a writer wrote. After the first failure it stays failed and everything reads as
/// nothing.
class reader {
 public:
  /// Deepest nesting of structures that is followed.
  static constexpr int max_depth = 64;

  explicit reader(std::string_view bytes, detail::locator* node = nullptr)
      : rest_(bytes), node_(node) {}

  [[nodiscard]] bool varint(std::uint64_t& value) noexcept;
  [[nodiscard]] bool bytes(void* data, std::size_t size) noexcept;
  /// A length and that many bytes, as a view into what is read.
  [[nodiscard]] bool text(std::string_view& value) noexcept;

  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  bool fail() noexcept {
    failed_ = true;
    rest_ = {};
    return false;
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// A reader of `bytes` one level deeper; failed when that is too deep.
  [[nodiscard]] reader nested(std::string_view bytes) const noexcept;
  /// The node that reads: references in messages are bound to it. Null in tests of plain data.
  [[nodiscard]] detail::locator* node() const noexcept { return node_; }

 private:
  std::string_view rest_;
  detail::locator* node_;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace troupe
