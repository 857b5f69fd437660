// The first words between two nodes, forged: read, refused or answered, and never a line too long.
#include "fuzz.hpp"
#include "net/handshake.hpp"

#include <cstdint>

namespace troupe::net {
namespace {

using fuzz::promise;

constexpr std::size_t sentence_max = 512;

void check_sentence(const std::string& why) {
  promise(fuzz::is_one_line(why), "a sentence about a stranger is fit for a log");
  promise(!why.empty() && why.size() <= sentence_max, "a sentence about a stranger is short");
}

void check_hello(std::string_view payload) {
  const auto said = decode_hello(payload);
  if (!said.ok()) {
    promise(said.code() == errc::malformed || said.code() == errc::refused,
            "a greeting is read, malformed or refused");
    return check_sentence(said.why().what);
  }
  promise(is_node_name(said->name), "who is understood has the name of a node");
  if (said->expected.size() <= node_name_max) {
    promise(encode(*said) == payload, "a greeting has one wire form");
  }
  promise(!reason_to_refuse(*said, said->cluster, said->expected) || said->name == said->expected,
          "who names us and our cluster is welcome");
  if (const auto why = reason_to_refuse(*said, "chat", "n2")) {
    check_sentence(*why);
    promise(decode_refusal(encode_refusal(*why)) == *why, "a refusal arrives as it was sent");
  }
}

void check_welcome(std::string_view payload) {
  const auto found = decode_welcome(payload);
  if (!found.ok()) return check_sentence(found.why().what);
  promise(encode(*found) == payload, "a welcome has one wire form");
  promise(check_found(*found, *found).ok(), "who was expected is who was found");
  const auto other = check_found(*found, {"n2", 9});
  if (!other.ok()) check_sentence(other.why().what);
}

}  // namespace
}  // namespace troupe::net

std::vector<std::string> troupe::fuzz::seeds() {
  using namespace troupe::net;
  const hello longest{std::string(cluster_name_max, 'c'), std::string(node_name_max, 'n'), 1,
                      std::string(node_name_max, 'e')};
  return {encode(hello{"chat", "n1", 7, "n2"}),
          encode(longest),
          encode(hello{"", "n", 0, ""}),
          encode(welcome{"n2", 9}),
          encode(welcome{std::string(node_name_max, 'n'), ~std::uint64_t{0}}),
          encode_refusal("node 'n1' is of cluster 'chat'")};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view payload{reinterpret_cast<const char*>(data), size};
  const std::size_t before = fuzz::heap_asked();
  net::check_hello(payload);
  net::check_welcome(payload);
  const std::string refusal = net::decode_refusal(payload);
  fuzz::promise(fuzz::is_one_line(refusal) && refusal.size() <= net::sentence_max,
                "a refusal is fit for a log");
  fuzz::promise(fuzz::heap_asked() - before <= 64 * 1024, "a greeting costs little, however long");
  return 0;
}
