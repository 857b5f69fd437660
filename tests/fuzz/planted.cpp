// Bugs planted for the fuzzing's own test: TROUPE_FUZZ_PLANT chooses one, which must be found.
#include "fuzz.hpp"
#include "net/frame.hpp"

#include <cstdint>
#include <cstdlib>

namespace troupe::net {
namespace {

enum class plant { none, lost_byte, over_read, overflow };

plant planted() {
  static const plant chosen = [] {
    const char* name = std::getenv("TROUPE_FUZZ_PLANT");
    const std::string_view wanted = name ? name : "";
    if (wanted == "lost_byte") return plant::lost_byte;
    if (wanted == "over_read") return plant::over_read;
    if (wanted == "overflow") return plant::overflow;
    if (wanted == "none") return plant::none;
    std::abort();  // a plant that is misspelt must not pass as one that is found
  }();
  return chosen;
}

// A reader of streams as someone might write it: it loses a byte when a ping is cut after four of
// the five bytes of its header.
std::size_t frames_of(std::string_view stream, bool cut) {
  frame_reader reader{1024};
  std::size_t frames = 0;
  const auto drain = [&](std::string_view chunk) {
    reader.feed(chunk);
    for (auto next = reader.next(); next.ok() && *next; next = reader.next()) ++frames;
  };
  if (!cut || stream.size() < 5) return drain(stream), frames;
  drain(stream.substr(0, 4));
  const bool loses = planted() == plant::lost_byte && stream[4] == '\4';
  drain(stream.substr(loses ? 5 : 4));
  return frames;
}

// A reader of texts that takes the length for what is there, when the text begins with a t.
int sum_of(std::string_view text) {
  if (text.size() < 2) return 0;
  const auto length = static_cast<std::uint8_t>(text[0]);
  const bool trusts = planted() == plant::over_read && text[1] == 't';
  const std::size_t size = trusts ? length : std::min<std::size_t>(length, text.size());
  int sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += text.data()[i];
  return sum;
}

// A clock that takes the seconds of others as its own.
int milliseconds_of(std::string_view bytes) {
  std::int32_t seconds = 0;
  for (const char c : bytes.substr(0, 3)) seconds = seconds << 8 | static_cast<std::uint8_t>(c);
  return planted() == plant::overflow ? seconds * 1000 : seconds;
}

}  // namespace
}  // namespace troupe::net

std::vector<std::string> troupe::fuzz::seeds() {
  return {};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const auto bytes = fuzz::exact_copy({reinterpret_cast<const char*>(data), size});
  const std::string_view stream{bytes.data(), bytes.size()};
  fuzz::promise(net::frames_of(stream, true) == net::frames_of(stream, false),
                "the frames are the same wherever the stream is cut");
  (void)net::sum_of(stream);
  (void)net::milliseconds_of(stream);
  return 0;
}
