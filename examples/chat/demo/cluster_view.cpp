#include "cluster_view.hpp"

#include "failure.hpp"
#include "ws_client.hpp"

#include <boost/json.hpp>

#include <exception>

namespace chat::demo {
namespace {

namespace json = boost::json;

std::string text(const json::value& v) {
  return json::value_to<std::string>(v);
}

failure unexpected(std::string_view path, std::string_view body, const std::exception& why) {
  return failure{std::string{path} + " answered what is not the JSON agreed (" + why.what() +
                 "): " + std::string{body.substr(0, 200)}};
}

/// For a query: everything but letters and digits as %XX.
std::string escaped(const std::string& in) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : in) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::size_t cluster_view::up() const {
  std::size_t n = 0;
  for (const auto& m : members) n += m.state == "up" ? 1 : 0;
  return n;
}

std::uint64_t cluster_view::shards_of(std::string_view name) const {
  for (const auto& m : members) {
    if (m.name == name) return m.shards;
  }
  return 0;
}

cluster_view parse_cluster(std::string_view body) try {
  const json::value root = json::parse({body.data(), body.size()});
  cluster_view view;
  view.epoch = root.at("epoch").to_number<std::uint64_t>();
  if (const auto* moving = root.as_object().if_contains("misplaced")) {
    view.misplaced = moving->to_number<std::uint64_t>();
  }
  for (const json::value& m : root.at("members").as_array()) {
    view.members.push_back(
        {text(m.at("name")), text(m.at("state")), m.at("shards").to_number<std::uint64_t>()});
  }
  return view;
} catch (const std::exception& why) {
  throw unexpected("/cluster", body, why);
}

cluster_view ask_cluster(std::uint16_t port) {
  return parse_cluster(http_get(port, "/cluster"));
}

std::string ask_owner(std::uint16_t port, const std::string& guild) {
  const std::string body = http_get(port, "/cluster/explain?type=guild&id=" + escaped(guild));
  try {
    return text(json::parse(body).at("owner"));
  } catch (const std::exception& why) {
    throw unexpected("/cluster/explain", body, why);
  }
}

}  // namespace chat::demo
