#include "etcd_json.hpp"

#include "base64.hpp"
#include "key_range.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace troupe::sharding::etcd {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::size_t shown_bytes = 120;  // of an answer in a complaint

std::string text(std::string_view s) {
  return json::serialize(json::value(json::string_view{s.data(), s.size()}));
}
std::string field(std::string_view name, std::string_view bytes) {
  return '"' + std::string{name} + "\":\"" + to_base64(bytes) + '"';
}
std::string field(std::string_view name, std::uint64_t number) {
  return '"' + std::string{name} + "\":\"" + std::to_string(number) + '"';
}

// All keys that begin with `prefix`, as etcd is told; "\0" stands for the first key and for no end.
std::string keys_of(std::string_view prefix) {
  const std::string end = end_of_prefix(std::string{prefix});
  const std::string_view all{"\0", 1};
  return field("key", prefix.empty() ? all : prefix) + ',' +
         field("range_end", end.empty() ? all : std::string_view{end});
}

std::string operation(const store_write& write) {
  if (write.erase) return "{\"request_delete_range\":{" + field("key", write.key) + "}}";
  std::string put = field("key", write.key) + ',' + field("value", write.value);
  if (write.lease != 0) put += ',' + field("lease", write.lease);
  return "{\"request_put\":{" + put + "}}";
}

std::map<std::string, const store_write*> last_writes(const store_txn& txn) {
  std::map<std::string, const store_write*> last;
  for (const store_write& write : txn.writes) last[write.key] = &write;
  return last;
}

std::string excerpt(std::string_view body) {
  std::string shown{body.substr(0, shown_bytes)};
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) c = '?';
  }
  return body.size() > shown_bytes ? shown + "…" : shown;
}

struct unlike_etcd : std::runtime_error {
  using std::runtime_error::runtime_error;
};

json::object object_in(std::string_view body) {
  json::error_code failed;
  json::value all = json::parse(json::string_view{body.data(), body.size()}, failed);
  if (failed) throw unlike_etcd{"it is not JSON: " + failed.message()};
  if (!all.is_object()) throw unlike_etcd{"it is not an object"};
  return std::move(all.as_object());
}

const json::object& object_at(const json::object& in, std::string_view name) {
  static const json::object none;
  const json::value* found = in.if_contains(json::string_view{name.data(), name.size()});
  if (found == nullptr || found->is_null()) return none;
  if (!found->is_object()) throw unlike_etcd{std::string{name} + " is not an object"};
  return found->get_object();
}

// The gateway writes 64-bit numbers as text, and leaves out zeros.
std::int64_t number_at(const json::object& in, std::string_view name) {
  const json::value* found = in.if_contains(json::string_view{name.data(), name.size()});
  if (found == nullptr || found->is_null()) return 0;
  if (const auto* number = found->if_int64()) return *number;
  std::int64_t number = 0;
  if (const auto* s = found->if_string()) {
    const auto [end, failed] = std::from_chars(s->data(), s->data() + s->size(), number);
    if (failed == std::errc{} && end == s->data() + s->size()) return number;
  }
  throw unlike_etcd{std::string{name} + " is not a number of 64 bits"};
}

std::uint64_t natural_at(const json::object& in, std::string_view name) {
  const std::int64_t number = number_at(in, name);
  if (number < 0) throw unlike_etcd{std::string{name} + " is negative"};
  return static_cast<std::uint64_t>(number);
}

bool flag_at(const json::object& in, std::string_view name) {
  const json::value* found = in.if_contains(json::string_view{name.data(), name.size()});
  if (found == nullptr || found->is_null()) return false;
  if (!found->is_bool()) throw unlike_etcd{std::string{name} + " is neither true nor false"};
  return found->get_bool();
}

std::string text_at(const json::object& in, std::string_view name) {
  const json::value* found = in.if_contains(json::string_view{name.data(), name.size()});
  if (found == nullptr || found->is_null()) return {};
  if (!found->is_string()) throw unlike_etcd{std::string{name} + " is not text"};
  return {found->get_string().data(), found->get_string().size()};
}

std::string bytes_at(const json::object& in, std::string_view name) {
  auto bytes = from_base64(text_at(in, name));
  if (!bytes) throw unlike_etcd{std::string{name} + " is not base64"};
  return std::move(*bytes);
}

// Every true answer has a header; other servers that answer JSON do not.
revision revision_of(const json::object& answer) {
  if (!answer.contains("header")) throw unlike_etcd{"it has no header"};
  return natural_at(object_at(answer, "header"), "revision");
}

template <class Read>
auto understood(std::string_view body, const Read& read) -> result<decltype(read(json::object{}))> {
  try {
    return read(object_in(body));
  } catch (const unlike_etcd& e) {
    return error{errc::malformed,
                 std::string{"this is no answer of etcd ("} + e.what() + "): " + excerpt(body)};
  }
}

}  // namespace

std::string range_request(std::string_view prefix, revision since) {
  return '{' + keys_of(prefix) + (since == 0 ? "" : ',' + field("min_mod_revision", since + 1)) +
         '}';
}

result<std::string> txn_request(const store_txn& txn) {
  const auto writes = last_writes(txn);
  const std::size_t most = std::max(txn.conditions.size(), writes.size());
  if (most > most_operations) {
    return error{errc::too_large, "a transaction of " + std::to_string(most) +
                                      " conditions or writes; etcd takes " +
                                      std::to_string(most_operations) + " of each, divide it"};
  }
  std::string compare, success;
  for (const store_condition& condition : txn.conditions) {
    compare += (compare.empty() ? "{" : ",{") + field("key", condition.key) +
               ",\"target\":\"MOD\"," + field("mod_revision", condition.modified) + '}';
  }
  for (const auto& [key, write] : writes)
    success += (success.empty() ? "" : ",") + operation(*write);
  const auto nameless = [](const auto& what) { return what.key.empty(); };
  if (writes.contains("") || std::ranges::any_of(txn.conditions, nameless)) {
    return error{errc::refused, "etcd has no empty key; give the key a name"};
  }
  return "{\"compare\":[" + compare + "],\"success\":[" + success + "]}";
}

std::string may_write_request(std::string_view prefix) {
  const std::string key{prefix.empty() ? std::string_view{"\0", 1} : prefix};
  return "{\"compare\":[{" + field("key", key) +
         ",\"target\":\"VERSION\",\"result\":\"LESS\",\"version\":\"0\"}],\"success\":[" +
         "{\"request_delete_range\":{" + keys_of(prefix) + "}}]}";
}

std::string grant_request(seconds ttl) {
  return '{' + field("TTL", static_cast<std::uint64_t>(ttl.count())) + '}';
}

std::string lease_request(lease_id lease) {
  return '{' + field("ID", lease) + '}';
}

std::string watch_request(std::string_view prefix, revision since) {
  const std::string start = since == 0 ? "" : ',' + field("start_revision", since + 1);
  return "{\"create_request\":{" + keys_of(prefix) + start + "}}";
}

std::string login_request(const std::string& user, const std::string& password) {
  return "{\"name\":" + text(user) + ",\"password\":" + text(password) + '}';
}

result<store_snapshot> parse_range(std::string_view body) {
  return understood(body, [](const json::object& answer) {
    store_snapshot out{revision_of(answer), {}};
    if (flag_at(answer, "more")) throw unlike_etcd{"it was cut short"};
    const json::value* keys = answer.if_contains("kvs");
    if (keys == nullptr || keys->is_null()) return out;
    if (!keys->is_array()) throw unlike_etcd{"kvs is not an array"};
    for (const json::value& entry : keys->get_array()) {
      if (!entry.is_object()) throw unlike_etcd{"an entry of kvs is not an object"};
      const json::object& kv = entry.get_object();
      stored_value value{bytes_at(kv, "value"), natural_at(kv, "mod_revision"),
                         natural_at(kv, "lease")};
      if (value.modified == 0) throw unlike_etcd{"a key has no revision"};
      if (!out.keys.emplace(bytes_at(kv, "key"), std::move(value)).second) {
        throw unlike_etcd{"a key comes twice"};
      }
    }
    return out;
  });
}

result<bool> parse_txn(std::string_view body) {
  return understood(body, [](const json::object& answer) {
    return (revision_of(answer), flag_at(answer, "succeeded"));
  });
}

result<granted_lease> parse_grant(std::string_view body) {
  return understood(body, [](const json::object& answer) {
    (void)revision_of(answer);
    const granted_lease out{natural_at(answer, "ID"), seconds{number_at(answer, "TTL")}};
    if (out.lease == 0 || out.ttl <= seconds{0}) throw unlike_etcd{"the lease has no id or time"};
    return out;
  });
}

result<seconds> parse_time_left(std::string_view body) {
  return understood(body, [](const json::object& answer) {
    const json::object& result = answer.contains("result") ? object_at(answer, "result") : answer;
    (void)revision_of(result);
    return seconds{number_at(result, "TTL")};
  });
}

result<std::string> parse_token(std::string_view body) {
  return understood(body, [](const json::object& answer) {
    std::string token = text_at(answer, "token");
    constexpr std::string_view allowed = "._-~+/=";
    const auto fits = [&](unsigned char c) {
      return std::isalnum(c) != 0 || allowed.find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (token.empty() || !std::ranges::all_of(token, fits)) throw unlike_etcd{"it has no token"};
    return token;
  });
}

result<revision> parse_revision(std::string_view body) {
  return understood(body, [](const json::object& answer) { return revision_of(answer); });
}

refusal parse_refusal(std::string_view body) {
  const auto read = understood(body, [](const json::object& answer) {
    const json::value* stream = answer.if_contains("error");
    // Inside a stream the error is an object, elsewhere its sentence.
    const bool nested = stream != nullptr && stream->is_object();
    const json::object& said = nested ? stream->get_object() : answer;
    std::int64_t code = number_at(said, nested ? "grpc_code" : "code");
    if (code < 0 || code > 16) code = 2;  // gRPC's "unknown"
    return refusal{static_cast<int>(code), excerpt(text_at(said, "message"))};
  });
  if (read && !read->message.empty()) return *read;
  return {0, body.empty() ? "an empty answer" : excerpt(body)};
}

result<watch_line> parse_watch(std::string_view line) {
  return understood(line, [](const json::object& answer) {
    if (!answer.contains("result")) throw unlike_etcd{"it has no result"};
    const json::object& result = object_at(answer, "result");
    return watch_line{revision_of(result), flag_at(result, "created"), flag_at(result, "canceled"),
                      natural_at(result, "compact_revision"),
                      excerpt(text_at(result, "cancel_reason"))};
  });
}

}  // namespace troupe::sharding::etcd
