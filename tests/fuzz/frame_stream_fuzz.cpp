// A stream of frames, cut into chunks as the input says: the same frames wherever it is cut.
//
// An input is a limit (a number of `limits`), how many chunk sizes follow, the chunk sizes, which
// repeat, and the stream.
#include "fuzz.hpp"
#include "net/frame.hpp"

#include <cstdint>
#include <utility>

namespace troupe::net {
namespace {

using fuzz::promise;

constexpr std::size_t limits[] = {0, 16, 1024, std::size_t{16} << 20};

struct input {
  std::size_t limit = 0;
  std::vector<std::size_t> sizes;
  std::string_view stream;
};

struct outcome {
  std::vector<std::pair<frame_kind, std::string>> frames;
  errc broken = errc::ok;
  bool inside = false;  // ended in the middle of a frame

  friend bool operator==(const outcome&, const outcome&) = default;
};

// A byte as a size: small ones exactly, large ones in steps.
std::size_t chunk_size(std::uint8_t byte) {
  return byte < 128 ? byte + 1u : (byte - 127u) * 64u;
}

input split(std::string_view bytes) {
  input in;
  const auto take = [&]() -> std::uint8_t {
    if (bytes.empty()) return 0;
    const char c = bytes.front();
    bytes.remove_prefix(1);
    return static_cast<std::uint8_t>(c);
  };
  in.limit = limits[take() % std::size(limits)];
  const int count = take() % 32;
  for (int i = 0; i < count; ++i) in.sizes.push_back(chunk_size(take()));
  in.stream = bytes;
  return in;
}

// The format, said a second time in the plainest way.
outcome expected_of(std::string_view stream, std::size_t limit) {
  outcome out;
  while (stream.size() >= 5) {
    const auto byte = [&](int i) { return static_cast<std::uint8_t>(stream[i]); };
    const std::size_t size = byte(0) + 256u * byte(1) + 65536u * byte(2) + 16777216u * byte(3);
    if (size > limit) return out.broken = errc::too_large, out;
    if (byte(4) < 1 || byte(4) > 9) return out.broken = errc::malformed, out;
    if (stream.size() - 5 < size) break;
    out.frames.emplace_back(frame_kind{byte(4)}, stream.substr(5, size));
    stream.remove_prefix(5 + size);
  }
  out.inside = !stream.empty();
  return out;
}

// Adds what one chunk gives; what the reader asks of the heap is added to `cost`.
void read_chunk(frame_reader& reader, std::string_view bytes, outcome& out, std::size_t& cost) {
  const std::vector<char> chunk = fuzz::exact_copy(bytes);
  reader.feed({chunk.data(), chunk.size()});
  while (out.broken == errc::ok) {
    const std::size_t before = fuzz::heap_asked();
    const auto next = reader.next();
    cost += fuzz::heap_asked() - before;
    if (!next.ok()) {
      out.broken = next.code();
      promise(fuzz::is_one_line(next.why().what), "what is wrong with a stream is fit for a log");
    } else if (*next) {
      out.frames.emplace_back((*next)->kind, (*next)->payload);
    } else {
      break;
    }
  }
}

outcome read_in_chunks(const input& in) {
  frame_reader reader{in.limit};
  outcome out;
  std::size_t cost = 0;
  std::string_view rest = in.stream;
  for (std::size_t i = 0; !rest.empty() && out.broken == errc::ok; ++i) {
    const std::string_view chunk =
        rest.substr(0, in.sizes.empty() ? rest.size() : in.sizes[i % in.sizes.size()]);
    rest.remove_prefix(chunk.size());
    read_chunk(reader, chunk, out, cost);
  }
  out.inside = out.broken == errc::ok && reader.inside_frame();
  promise(cost <= 1024 + 4 * in.stream.size(), "what is kept grows with what came, not with words");
  return out;
}

void check(const input& in) {
  const outcome expected = expected_of(in.stream, in.limit);
  promise(read_in_chunks(in) == expected, "the frames are the same wherever the stream is cut");
  promise(read_in_chunks({in.limit, {}, in.stream}) == expected, "and where it is not cut");

  std::string written;
  for (const auto& [kind, payload] : expected.frames) append_frame(written, kind, payload);
  promise(in.stream.starts_with(written), "frames are written as they were read");
}

std::string seed(std::string_view sizes, const std::string& stream) {
  const std::string head{'\3', static_cast<char>(sizes.size())};
  return head + std::string{sizes} + stream;
}

}  // namespace
}  // namespace troupe::net

std::vector<std::string> troupe::fuzz::seeds() {
  using namespace troupe::net;
  std::string talk;
  append_frame(talk, frame_kind::hello, "TRPE");
  append_frame(talk, frame_kind::accepted, "n2");
  append_frame(talk, frame_kind::ping, {});
  append_frame(talk, frame_kind::pong, {});
  append_frame(talk, frame_kind::data, std::string(300, 'd'));
  append_frame(talk, frame_kind::part, "one ");
  append_frame(talk, frame_kind::last, "piece more");
  append_frame(talk, frame_kind::taken, encode_taken(14));
  append_frame(talk, frame_kind::refused, "no");
  const std::string forged("\xff\xff\xff\0\6x", 6);
  const std::string unknown("\0\0\0\0\12", 5);
  return {seed({}, talk),
          seed(std::string_view("\0", 1), talk),
          seed("\4\2\6\x80", talk),
          seed("\1", talk + forged),
          seed("\7", talk + unknown),
          seed("\3", talk.substr(0, talk.size() - 1))};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::net::check(troupe::net::split({reinterpret_cast<const char*>(data), size}));
  return 0;
}
