// What a session has heard of each channel: which messages are old, which are missing, and what
// began anew.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace chat {

/// What is to be done with one message of a channel.
struct news {
  bool stale = false;      ///< of a life that others have left behind: dropped
  bool missed = false;     ///< one before it did not arrive
  bool restarted = false;  ///< the first of a new life, which the client does not know of yet
};

/// One session's memory of its channels, by place ("guild/channel"). A later life of a channel has
/// a greater number. Pure but for its own memory: an entry for each place heard of.
class hearing {
 public:
  [[nodiscard]] news message(const std::string& place, std::uint64_t life, std::uint64_t seq);
  /// The channel has begun `life`. Whether that is news for the client: each life is told once, and
  /// not when a message of it came first to somebody who had heard of no other.
  [[nodiscard]] bool restarted(const std::string& place, std::uint64_t life);
  /// Lives are compared by the wall clocks of their nodes, and those may have stepped back: a guild
  /// that is joined again is heard as if for the first time.
  void forget(const std::string& guild);

 private:
  struct heard {
    std::uint64_t life = 0;  // of the latest message
    std::uint64_t seq = 0;
    std::uint64_t told = 0;  // the latest life that the client was told of
  };
  std::map<std::string, heard> places_;
};

}  // namespace chat
