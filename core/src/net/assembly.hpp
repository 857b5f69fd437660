// Puts the pieces of large frames together again.
#pragma once

#include <troupe/core/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::net {

/// One frame at a time, as `bulk_queue` sends them. Pure. What is kept grows with the bytes that
/// really came and never holds more than `limit` of them; the memory stays for the next large frame
/// until `rest`. After an error the stream is lost.
class assembly {
 public:
  explicit assembly(std::size_t limit) : limit_(limit) {}

  /// A piece; more follow. `malformed`: it is empty; `too_large`: above the limit with what came
  /// before.
  result<void> add(std::string_view piece);
  /// The last piece: the whole frame, valid until the next call. It views `piece` when there was no
  /// other, and need not be copied then. Errors as `add`, but an empty one is well.
  result<std::string_view> finish(std::string_view piece);
  /// Once in a while: gives memory back that was not used since the last call.
  void rest();

  /// What it holds now.
  [[nodiscard]] std::size_t bytes() const { return is_whole_ ? 0 : bytes_.size(); }

 private:
  result<void> check(std::string_view piece) const;

  const std::size_t limit_;
  std::string bytes_;
  bool is_whole_ = false;  // `bytes_` was given away as a frame
  bool used_ = false;
};

}  // namespace troupe::net
