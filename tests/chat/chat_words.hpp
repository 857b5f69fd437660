// What the tests of the chat's actors say: frames read back, and a client that keeps what it gets.
#pragma once

#include "chat_protocol.hpp"
#include "gateway.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chat_tests {

/// The text inside a whole frame as a server sends it.
inline std::string text_of(const chat::wire_frame& frame) {
  const auto length = static_cast<unsigned char>(frame->at(1));
  return frame->substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

inline boost::json::object event(std::string_view text) {
  return boost::json::parse(boost::json::string_view{text.data(), text.size()}).as_object();
}

inline std::string word(const boost::json::object& of, std::string_view key) {
  return std::string{of.at(boost::json::string_view{key.data(), key.size()}).as_string()};
}

/// The end of a connection where nobody looks but the test.
class client final : public chat::connection {
 public:
  explicit client(std::string target = "/ws") : target_(std::move(target)) {}

  bool send(chat::wire_frame frame) override {
    got.push_back(event(text_of(frame)));
    return true;
  }
  void close(chat::close_code code, std::string) override { closed = code; }
  const std::string& target() const override { return target_; }

  /// The latest event; empty when there was none.
  [[nodiscard]] boost::json::object last() const {
    return got.empty() ? boost::json::object{} : got.back();
  }

  std::vector<boost::json::object> got;
  std::optional<chat::close_code> closed;

 private:
  std::string target_;
};

}  // namespace chat_tests
