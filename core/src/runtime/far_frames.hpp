// What two nodes say to each other about actors of one that actors of the other watch, or are
// linked to.
#pragma once

#include "post.hpp"
#include "runtime/link_word.hpp"
#include <troupe/core/codec.hpp>
#include <troupe/core/exit_reason.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::runtime {

/// Content of `frame_kind::watch`. In this order: forget, begin, end.
struct watch_news {
  struct one {
    std::uint64_t id = 0;  ///< of the watch, never used again by the sender
    std::uint64_t actor = 0;
  };
  bool anew = false;  ///< whatever the sender watched so far, it watches no more
  std::vector<one> begun;
  std::vector<std::uint64_t> over;

  /// Watches in one frame, so that it is below any limit.
  static constexpr std::size_t most = 32;
};

/// Content of `frame_kind::ended`.
struct end_news {
  struct one {
    std::uint64_t id = 0;
    exit_kind kind = exit_kind::normal;
    std::string what;
  };
  bool again = false;  ///< some may have been lost: the receiver says anew whom it watches
  std::vector<one> ended;

  /// Bytes of a reason's text that are sent.
  static constexpr std::size_t longest_text = 512;
};

/// What one actor said to another.
struct link_saying {
  std::uint64_t by = 0;
  std::uint64_t to = 0;
  link_word word;
};

/// Content of `frame_kind::link`. In this order: what was said, what is held, all anew.
struct link_news {
  using one = link_saying;
  bool fresh = false;       ///< some may be over here: the receiver says which it holds
  std::optional<one> said;  ///< one: many would cost more memory than they have bytes
  std::vector<link_id>
      held;  ///< as the receiver sees them: who has no such link answers by an exit

  /// Links held in one frame.
  static constexpr std::size_t most = 32;
};

[[nodiscard]] std::string to_frame(const watch_news& news);
[[nodiscard]] std::string to_frame(const end_news& news);
[[nodiscard]] std::string to_frame(const link_news& news);
/// The rest of such a frame; false, and a failed reader, when it is none.
[[nodiscard]] bool read(reader& in, watch_news& news);
[[nodiscard]] bool read(reader& in, end_news& news);
[[nodiscard]] bool read(reader& in, link_news& news);

/// What watching across nodes needs of its own node.
struct far_services {
  /// As `post::send`; to all receivers in order.
  std::function<errc(const std::string& node, std::string_view frame)> send;
  /// Runs this after a while, on any thread; never when the node ends first.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
};

/// Frames to one node, in order; what its link has no room for waits. Guarded by its owner.
class far_line {
 public:
  static constexpr std::size_t long_line = 10'000;
  static constexpr std::chrono::milliseconds retry{20};  ///< when `flush` is due
  /// So many wait that no more should be added.
  [[nodiscard]] bool is_long() const noexcept { return waiting_.size() >= long_line; }
  /// Not `ok`, as far_services::send: `overloaded` waits, for `flush`; else all that waits is
  /// dropped.
  errc add(const far_services& by, const std::string& to, std::string frame);
  errc flush(const far_services& by, const std::string& to);
  /// Drops what waits.
  void clear() noexcept { waiting_.clear(); }
  /// True, once, when somebody must call `flush` later.
  [[nodiscard]] bool wants_call() noexcept;
  void called() noexcept { call_comes_ = false; }

 private:
  std::deque<std::string> waiting_;
  bool call_comes_ = false;
};

/// Sees to it that what waits in lines leaves. Outlives the calls of `later`.
class line_care {
 public:
  /// The line to a node; null: there is none any more. Called under the lock.
  using finder = std::function<far_line*(const std::string& node)>;

  line_care(std::mutex& lock, const far_services& by, finder find);
  /// After whatever was added. Under the lock.
  void care_for(const std::string& node, far_line& of);

 private:
  void try_again(const std::string& node);

  std::mutex& lock_;
  const far_services& by_;
  const finder find_;
};

}  // namespace troupe::runtime
