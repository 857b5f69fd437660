#include "net/handshake.hpp"

#include <algorithm>

namespace troupe::net {
namespace {

constexpr std::string_view magic = "TRPE";
constexpr std::size_t refusal_max = 512;

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

// What the other side said, made fit for a log line: cut, and without control characters.
std::string printable(std::string_view text, std::size_t longest) {
  std::string out{text.substr(0, longest)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_printable(c); }, '?');
  return out;
}

// Single quotes: double ones would be escaped in log lines.
std::string quoted(std::string_view text) {
  return "'" + printable(text, node_name_max) + "'";
}

void put_integer(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void put_text(std::string& out, std::string_view text, std::size_t longest) {
  const auto part = text.substr(0, longest);
  put_integer(out, part.size(), 1);
  out.append(part);
}

// Reads fields in order. After the first field that is not there all others are empty.
class field_reader {
 public:
  explicit field_reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) complete_ = false;
    if (!complete_) return {};
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::uint64_t integer(std::size_t size) {
    std::uint64_t value = 0;
    std::size_t shift = 0;
    for (const char c : bytes(size)) {
      value |= std::uint64_t{static_cast<std::uint8_t>(c)} << shift;
      shift += 8;
    }
    return value;
  }

  std::string text() { return std::string{bytes(integer(1))}; }

  [[nodiscard]] bool exact() const { return complete_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool complete_ = true;
};

}  // namespace

bool is_node_name(std::string_view text) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= node_name_max &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string encode(const hello& h) {
  std::string out{magic};
  put_integer(out, protocol_version, 2);
  put_text(out, h.cluster, cluster_name_max);
  put_text(out, h.name, node_name_max);
  put_integer(out, h.incarnation, 8);
  put_text(out, h.expected, node_name_max);
  return out;
}

std::string encode(const welcome& w) {
  std::string out;
  put_text(out, w.name, node_name_max);
  put_integer(out, w.incarnation, 8);
  return out;
}

std::string encode_refusal(std::string_view why) {
  return std::string{why.substr(0, refusal_max)};
}

result<hello> decode_hello(std::string_view payload) {
  field_reader fields{payload};
  if (fields.bytes(magic.size()) != magic) {
    return {errc::malformed,
            "the greeting does not begin with TRPE; this port is for Troupe nodes"};
  }
  const auto version = fields.integer(2);
  if (version != protocol_version && payload.size() >= magic.size() + 2) {
    return {errc::refused, "protocol version " + std::to_string(version) +
                               " was offered; version " + std::to_string(protocol_version) +
                               " is spoken here; run the same release of Troupe on all nodes"};
  }
  hello h;
  h.cluster = fields.text();
  h.name = fields.text();
  h.incarnation = fields.integer(8);
  h.expected = fields.text();
  if (!fields.exact()) return {errc::malformed, "the greeting is cut short or has bytes to spare"};
  if (!is_node_name(h.name)) {
    return {errc::malformed, "the greeting comes from " + quoted(h.name) +
                                 "; a node name is 1 to 64 of A-Z a-z 0-9 . _ -"};
  }
  return h;
}

result<welcome> decode_welcome(std::string_view payload) {
  field_reader fields{payload};
  welcome w;
  w.name = fields.text();
  w.incarnation = fields.integer(8);
  if (!fields.exact() || !is_node_name(w.name)) {
    return {errc::malformed, "the answer to the greeting is not a node name and an incarnation"};
  }
  return w;
}

std::string decode_refusal(std::string_view payload) {
  return printable(payload, refusal_max);
}

std::optional<std::string> reason_to_refuse(const hello& h, std::string_view cluster,
                                            std::string_view self) {
  if (h.cluster != cluster) {
    return "node " + quoted(h.name) + " is of cluster " + quoted(h.cluster) + "; node " +
           quoted(self) + " is of cluster " + quoted(cluster) +
           "; give both the same [cluster] name, or other addresses";
  }
  if (h.expected != self) {
    return "node " + quoted(h.name) + " expected to find node " + quoted(h.expected) +
           "; this is node " + quoted(self) + "; check the addresses in [node] listen";
  }
  if (h.name == self) {
    return "another node calls itself " + quoted(self) + " too; choose another [node] name";
  }
  return std::nullopt;
}

result<void> check_found(const welcome& found, const welcome& expected) {
  if (found.name != expected.name) {
    return {errc::refused, "node " + quoted(found.name) + " answered where node " +
                               quoted(expected.name) +
                               " was expected; check the addresses in [node] listen"};
  }
  if (found.incarnation != expected.incarnation) {
    return {errc::unavailable, "node " + quoted(found.name) + " answered as incarnation " +
                                   std::to_string(found.incarnation) + " where " +
                                   std::to_string(expected.incarnation) + " was expected"};
  }
  return {};
}

}  // namespace troupe::net
