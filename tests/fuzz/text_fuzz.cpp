// Texts of strangers made fit for people, and addresses read from texts.
#include "fuzz.hpp"
#include "text.hpp"
#include <troupe/core/endpoint.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace troupe {
namespace {

using fuzz::promise;

constexpr std::size_t limit = 20;
constexpr std::size_t quoted_max = 6 * limit + 64;  // \u2028 is three bytes; and what was cut

// What ends a line, moves a cursor or turns the direction of what follows, said apart from
// text.cpp.
constexpr std::string_view harmful[] = {"\n",           "\x1b",         "\x7f",        "\xc2\x85",
                                        "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6"};

bool harmless(std::string_view shown) {
  return std::ranges::none_of(
      harmful, [&](std::string_view bytes) { return shown.find(bytes) != std::string_view::npos; });
}

void check_shown(std::string_view bytes) {
  const std::string escaped = text::escaped(bytes);
  promise(text::printable(escaped) && harmless(escaped), "what is escaped can be printed");
  const std::string quoted = text::quoted(bytes, limit);
  promise(text::printable(quoted) && quoted.size() <= quoted_max, "what is quoted is short");
  promise(quoted.front() == '"' && quoted.back() == '"', "what is quoted stands in quotes");
  const std::string word = text::word(bytes, limit);
  promise(word == bytes || word == quoted, "a word is the text itself, or quoted");
}

void check_endpoint(const std::string& written) {
  const auto read = parse_endpoint(written);
  if (!read.ok()) {
    promise(read.code() == errc::malformed, "what is no address is malformed");
    promise(text::printable(read.why().what), "why it is none can be printed");
    return;
  }
  const auto again = parse_endpoint(to_string(*read));
  promise(again.ok() && *again == *read, "an address is read as it is written");
}

void check_number(std::string_view bytes) {
  double value = 0;
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  const std::string shown = text::shortest(value);
  double read = 0;
  std::from_chars(shown.data(), shown.data() + shown.size(), read);
  promise(read == value || std::isnan(value), "the shortest digits are the same number");
}

}  // namespace
}  // namespace troupe

std::vector<std::string> troupe::fuzz::seeds() {
  return {"127.0.0.1:4001",           "[::1]:0",
          "host-1.example.org:65535", "plain",
          "a \"quoted\" \\ text",     "\xc3\xa9\xe2\x80\xa8\xe2\x80\xae\xf0\x9f\x98\x80\x1b[2J\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  troupe::check_shown(bytes);
  troupe::check_endpoint(std::string{bytes});
  troupe::check_number(bytes);
  return 0;
}
