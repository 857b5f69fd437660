#include "cluster_page.hpp"

#include "page_files.hpp"
#include "supervision_page.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <utility>

namespace chat {

namespace json = boost::json;

namespace {

std::string hex(std::uint64_t value) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, value, 16).ptr;
  return {text, end};
}

double fraction(std::uint64_t position) {
  return static_cast<double>(position) / 18446744073709551616.0;
}

json::object to_json(const troupe::member_status& m) {
  const auto http = m.labels.find("http");
  return {{"name", m.name},
          {"state", to_string(m.state)},
          {"incarnation", hex(m.incarnation)},
          {"address", to_string(m.address)},
          {"http", http == m.labels.end() ? std::string{} : http->second},
          {"weight", m.weight},
          {"shards", m.shards},
          {"entities", m.entities},
          {"messages_per_s", m.messages_per_s},
          {"reachable", m.reachable}};
}

http_answer json_answer(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"Access-Control-Allow-Origin", "*"}}};
}

http_answer not_found() {
  return json_answer(404, R"({"error":"nothing is served here"})");
}

http_answer explain(const troupe::cluster& cluster,
                    const std::map<std::string, std::string>& query) {
  const auto type = query.find("type");
  const auto id = query.find("id");
  if (type == query.end() || id == query.end() || id->second.empty()) {
    return json_answer(400, R"({"error":"say which entity: ?type=guild&id=lobby"})");
  }
  return json_answer(200, write_explanation(cluster.explain(type->second, id->second)));
}

http_answer page(std::string_view path) {
  for (const auto& file : page_files()) {
    if (file.path == path) {
      return {200, std::string{file.type}, std::string{file.body}, {{"Cache-Control", "no-cache"}}};
    }
  }
  return not_found();
}

}  // namespace

std::string write_cluster(const troupe::cluster_status& status,
                          const troupe::supervision_tree& tree) {
  json::array members;
  for (const auto& m : status.members) members.push_back(to_json(m));
  json::object ring;
  for (const auto& name : status.ring_members) ring[name] = json::array{};
  for (const auto& t : status.ring) {
    ring[status.ring_members[t.member]].as_array().push_back(fraction(t.at));
  }
  return json::serialize(json::object{{"node", status.node},
                                      {"state", to_string(status.state)},
                                      {"serving", status.serving},
                                      {"epoch", status.epoch},
                                      {"shards", status.shards},
                                      {"misplaced", status.misplaced},
                                      {"members", std::move(members)},
                                      {"ring", std::move(ring)},
                                      {"supervision", write_supervision(tree)}});
}

std::string write_explanation(const troupe::explanation& why) {
  const auto since =
      std::chrono::duration_cast<std::chrono::milliseconds>(why.since.time_since_epoch());
  return json::serialize(json::object{{"type", why.type},
                                      {"id", why.id},
                                      {"hash", hex(why.hash)},
                                      {"shard", why.shard},
                                      {"at", fraction(why.position)},
                                      {"target", why.target},
                                      {"owner", why.owner},
                                      {"incarnation", hex(why.incarnation)},
                                      {"epoch", why.epoch},
                                      {"born", why.born},
                                      {"view", why.view},
                                      {"since_ms", since.count()},
                                      {"why", why.why}});
}

http_answer answer_health(const troupe::cluster_status& now) {
  const auto text = R"({"status":")" + std::string{now.serving ? "serving" : "not serving"} +
                    R"(","node":")" + now.node + R"("})";
  return json_answer(now.serving ? 200 : 503, text);
}

http_answer answer_get(const troupe::node& node, const troupe::cluster& cluster,
                       std::string_view path, const std::map<std::string, std::string>& query) {
  if (path == "/cluster") {
    const auto tree = node.supervision_tree(most_tree_lines);
    return json_answer(200, write_cluster(cluster.status(), tree));
  }
  if (path == "/cluster/explain") return explain(cluster, query);
  if (path == "/healthz") return answer_health(cluster.status());
  return page(path);
}

}  // namespace chat
