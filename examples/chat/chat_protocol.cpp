#include "chat_protocol.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace chat {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, op>, 8> ops{{{"hello", op::hello},
                                                              {"join", op::join},
                                                              {"say", op::say},
                                                              {"channel", op::channel},
                                                              {"history", op::history},
                                                              {"members", op::members},
                                                              {"leave", op::leave},
                                                              {"crash", op::crash}}};

/// Reads the fields of one request; the first problem stays.
class fields {
 public:
  fields(const json::object& from, std::string id) : from_(from), id_(std::move(id)) {}

  std::string text(const char* key, std::size_t longest) {
    const auto* found = from_.if_contains(key);
    if (!found || !found->is_string() || found->get_string().empty()) {
      problem("missing_field", std::string{"\""} + key + "\" must be a text that is not empty");
      return {};
    }
    const auto& value = found->get_string();
    if (value.size() > longest) {
      problem("too_long", std::string{"\""} + key + "\" has " + std::to_string(value.size()) +
                              " bytes; at most " + std::to_string(longest) + " are allowed");
    }
    return std::string{value};
  }

  std::string name(const char* key, const std::string& otherwise) {
    if (!otherwise.empty() && !from_.contains(key)) return otherwise;
    auto value = text(key, longest_name);
    if (!why_ && !is_name(value)) {
      problem("missing_field",
              std::string{"\""} + key + "\" must be of letters, digits, '.', '_', '-'");
    }
    return value;
  }

  std::int64_t number(const char* key, std::int64_t otherwise, std::int64_t most) {
    const auto* found = from_.if_contains(key);
    if (!found || found->is_null()) return otherwise;
    std::int64_t value = -1;
    if (found->is_int64()) value = found->get_int64();
    if (value < 0) {
      problem("missing_field", std::string{"\""} + key + "\" must be a whole number from 0");
    }
    return std::min(value, most);
  }

  [[nodiscard]] bool has(const char* key) const { return from_.contains(key); }

  void problem(std::string code, std::string message) {
    if (!why_) why_ = refusal{id_, {}, std::move(code), std::move(message)};
  }
  [[nodiscard]] std::optional<refusal>& why() noexcept { return why_; }

 private:
  const json::object& from_;
  std::string id_;
  std::optional<refusal> why_;
};

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// Whole characters only: what is sent back must be UTF-8.
std::string cut(std::string_view utf8, std::size_t longest) {
  if (utf8.size() <= longest) return std::string{utf8};
  while (longest > 0 && (static_cast<unsigned char>(utf8[longest]) & 0xc0) == 0x80) --longest;
  return std::string{utf8.substr(0, longest)};
}

std::string client_id(const json::object& from) {
  const auto* id = from.if_contains("id");
  if (id && id->is_string()) return cut(std::string_view{id->get_string()}, longest_name);
  return id && id->is_number() ? json::serialize(*id) : std::string{};
}

std::optional<op> op_of(const json::object& from) {
  const auto* name = from.if_contains("op");
  if (!name || !name->is_string()) return std::nullopt;
  for (const auto& [known, what] : ops) {
    if (known == std::string_view{name->get_string()}) return what;
  }
  return std::nullopt;
}

void read_fields(request& r, fields& in, const std::string& default_guild) {
  if (r.what == op::hello) {
    r.user = in.text("user", 4 * longest_user);
    if (characters(r.user) > longest_user)
      in.problem("too_long", "a user has at most 32 characters");
    if (has_control(r.user)) in.problem("missing_field", "a user has no control characters");
    return;
  }
  r.guild = in.name("guild", default_guild);
  if (!default_guild.empty() && r.guild != default_guild) {
    in.problem("not_joined", "this connection is for the guild " + default_guild + " alone");
  }
  if (r.what == op::say || r.what == op::channel || r.what == op::history) {
    r.channel = in.name("channel", r.what == op::channel ? std::string{} : "general");
  }
  if (r.what == op::crash && in.has("channel")) r.channel = in.name("channel", {});
  if (r.what == op::say) r.text = in.text("text", longest_text);
  if (r.what == op::history) {
    r.last = in.number("last", 50, most_lines);
    r.before = in.number("before", 0, INT64_MAX);
  }
  if (r.what == op::members) {
    r.from = in.number("from", 0, INT64_MAX);
    r.count = in.number("count", 100, most_users);
  }
}

json::value to_json(const std::string& channel, const line& l) {
  return {{"channel", channel}, {"seq", l.seq}, {"user", l.user}, {"text", l.text}, {"at", l.at}};
}

json::array to_json(const std::string& channel, const std::vector<line>& lines) {
  json::array all;
  for (const auto& l : lines) all.push_back(to_json(channel, l));
  return all;
}

std::string write(json::object event, const std::string& id = {}) {
  if (!id.empty()) event["id"] = id;
  return json::serialize(event);
}

}  // namespace

bool is_name(std::string_view name) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, allowed);
}

std::variant<request, refusal> read_request(std::string_view text,
                                            const std::string& default_guild) {
  json::error_code failed;
  const auto parsed = json::parse(json::string_view{text.data(), text.size()}, failed);
  if (failed) return refusal{{}, {}, "bad_json", "this is not JSON in UTF-8: " + failed.message()};
  const auto* object = parsed.if_object();
  if (!object) return refusal{{}, {}, "bad_json", "a request is a JSON object with an \"op\""};
  const auto id = client_id(*object);
  const auto what = op_of(*object);
  if (!what) {
    return refusal{id,
                   {},
                   "unknown_op",
                   "\"op\" is one of hello, join, say, channel, history, members, leave, crash"};
  }
  request r;
  r.what = *what;
  r.id = id;
  fields in{*object, id};
  read_fields(r, in, default_guild);
  if (in.why()) {
    in.why()->guild = is_name(r.guild) ? r.guild : std::string{};
    return *in.why();
  }
  return r;
}

std::string write_welcome(const request& asked, const std::string& session,
                          const std::string& node) {
  return write({{"ev", "welcome"}, {"user", asked.user}, {"session", session}, {"node", node}},
               asked.id);
}

std::string write_joined(const joined& j, const std::string& id) {
  return write({{"ev", "joined"},
                {"guild", j.guild},
                {"node", j.node},
                {"channels", json::value_from(j.channels)},
                {"members", j.members},
                {"history", to_json("general", j.history)}},
               id);
}

std::string write_member(const std::string& guild, const std::string& user, bool online) {
  return write({{"ev", "member"}, {"guild", guild}, {"user", user}, {"online", online}});
}

std::string write_ok(const std::string& id, std::uint64_t seq) {
  return write({{"ev", "ok"}, {"id", id}, {"seq", seq}});
}

std::string write_message(const std::string& guild, const std::string& channel, const line& said) {
  return write({{"ev", "message"},
                {"guild", guild},
                {"channel", channel},
                {"seq", said.seq},
                {"user", said.user},
                {"text", said.text},
                {"at", said.at}});
}

std::string write_channel(const std::string& guild, const std::string& channel,
                          const std::string& id) {
  return write({{"ev", "channel"}, {"guild", guild}, {"channel", channel}}, id);
}

std::string write_history(const request& asked, const std::vector<line>& messages) {
  return write({{"ev", "history"},
                {"guild", asked.guild},
                {"channel", asked.channel},
                {"messages", to_json(asked.channel, messages)}},
               asked.id);
}

std::string write_members(const request& asked, std::uint64_t total,
                          const std::vector<std::string>& users) {
  return write({{"ev", "members"},
                {"guild", asked.guild},
                {"from", asked.from},
                {"total", total},
                {"users", json::value_from(users)}},
               asked.id);
}

std::string write_left(const request& asked) {
  return write({{"ev", "left"}, {"guild", asked.guild}}, asked.id);
}

std::string write_crashed(const request& asked) {
  json::object event{{"ev", "crashed"}, {"guild", asked.guild}};
  if (!asked.channel.empty()) event["channel"] = asked.channel;
  return write(std::move(event), asked.id);
}

std::string write_restarted(const std::string& guild, const std::string& channel) {
  return write({{"ev", "restarted"}, {"guild", guild}, {"channel", channel}});
}

std::string write_refusal(const refusal& why) {
  json::object event{{"ev", "error"}, {"code", why.code}, {"message", why.message}};
  if (!why.guild.empty()) event["guild"] = why.guild;
  return write(std::move(event), why.id);
}

}  // namespace chat
