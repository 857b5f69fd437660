// The browser of one person who chats: what arrives there is waited for.
#pragma once

#include "chat_words.hpp"
#include "session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chat_tests {

inline bool has(const boost::json::object& frame, const std::string& key,
                const std::string& value) {
  const auto* found = frame.if_contains(key);
  return found && found->is_string() && found->as_string() == value;
}

/// Any thread.
class person final : public chat::connection {
 public:
  bool send(chat::wire_frame frame) override {
    const std::lock_guard lock{mutex_};
    got_.push_back(event(text_of(frame)));
    arrived_.notify_all();
    return true;
  }
  void close(chat::close_code, std::string) override {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    arrived_.notify_all();
  }
  const std::string& target() const override { return target_; }

  /// The first event not asked for before with this `ev`; of what was passed over is counted below.
  boost::json::object await(const std::string& ev) {
    std::unique_lock lock{mutex_};
    std::optional<boost::json::object> found;
    const bool came = arrived_.wait_for(lock, std::chrono::seconds{10}, [&] {
      while (read_ < got_.size() && !found) {
        if (has(got_[read_++], "ev", ev)) found = got_[read_ - 1];
      }
      return found.has_value();
    });
    if (!came) ADD_FAILURE() << "no \"" << ev << "\" came";
    return found.value_or(boost::json::object{});
  }
  std::ptrdiff_t count(const std::string& ev) {
    const std::lock_guard lock{mutex_};
    return std::ranges::count_if(got_,
                                 [&](const boost::json::object& o) { return has(o, "ev", ev); });
  }
  bool closed() {
    const std::lock_guard lock{mutex_};
    return closed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<boost::json::object> got_;
  std::size_t read_ = 0;
  bool closed_ = false;
  std::string target_ = "/ws";
};

}  // namespace chat_tests
