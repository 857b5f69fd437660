// The client's side of the chat's JSON frames: what is sent, and what is read of what comes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace chat::demo {

[[nodiscard]] std::string hello_frame(std::string_view user);
[[nodiscard]] std::string join_frame(std::string_view guild, std::string_view id);
[[nodiscard]] std::string say_frame(std::string_view guild, std::string_view text,
                                    std::string_view id);

inline constexpr std::string_view main_channel = "general";  ///< every guild has it

enum class event { welcome, joined, message, ok, error, other, malformed };

/// One frame from the server. Fields it does not have are empty or 0.
struct frame {
  event kind = event::malformed;
  std::string_view guild, channel, user, text, id, code, explanation;
  std::uint64_t seq = 0;
  std::int64_t at = 0;
};

/// Reads frames one after another into memory of its own: about a microsecond each.
class frame_reader {
 public:
  frame_reader();
  ~frame_reader();

  /// `malformed` for what is not a JSON object with an "ev". Valid until the next call.
  [[nodiscard]] frame read(std::string_view text);

 private:
  struct memory;
  std::unique_ptr<memory> memory_;
};

}  // namespace chat::demo
