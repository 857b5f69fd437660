// Wire bytes on their way into a socket, and what keeps them alive until they are there.
#pragma once

#include "net/frame.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Filled by `send_queue::take`, written from the front. Plain value of one thread; it owns or
/// shares all bytes it views, so that closing the queue meanwhile harms nothing.
class batch {
 public:
  using header = std::array<char, frame_header_size>;

  std::vector<std::string_view> pieces;  ///< wire bytes, in order
  std::size_t size = 0;                  ///< of all pieces when it was filled
  std::size_t counted = 0;               ///< what of that counts against the queue's limit

  std::deque<std::string> chunks;  // deques: pieces view what lies in them
  std::vector<std::shared_ptr<const std::string>> frames;
  std::deque<header> headers;

  [[nodiscard]] bool empty() const { return first_ == pieces.size(); }
  /// What is not written yet.
  [[nodiscard]] std::span<const std::string_view> rest() const {
    return std::span{pieces}.subspan(first_);
  }

  void add(std::string_view piece) {
    pieces.push_back(piece);
    size += piece.size();
  }

  /// The first `bytes` of the rest are written.
  void advance(std::size_t bytes) {
    while (bytes > 0 && bytes >= pieces[first_].size()) bytes -= pieces[first_++].size();
    if (bytes > 0) pieces[first_].remove_prefix(bytes);
  }

  void clear() {
    pieces.clear();
    chunks.clear();
    frames.clear();
    headers.clear();
    size = counted = first_ = 0;
  }

 private:
  std::size_t first_ = 0;
};

}  // namespace troupe::net
