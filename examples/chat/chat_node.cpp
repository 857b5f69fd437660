// A node of the chat: a Troupe node, a gateway for browsers, and the guilds that the ring gives it.
#include "cluster_page.hpp"
#include "gateway.hpp"
#include "guild.hpp"
#include "session.hpp"
#include <troupe/troupe.hpp>

#include <CLI/CLI.hpp>

#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

using connection_ptr = std::shared_ptr<chat::connection>;

/// Which session speaks for which connection. Called by the gateway, one at a time for one
/// connection.
///
/// Closed (503 to everybody) until the node is a member: the gateway listens first, so that its
/// address can be told to the cluster.
class door {
 public:
  explicit door(chat::crash_requests how) : crash_requests_(how) {}

  void open(troupe::node& node, const troupe::cluster& cluster) {
    node_ = &node;
    cluster_ = &cluster;
    open_ = true;
  }

  chat::gateway_events events() {
    chat::gateway_events e;
    e.get = [this](std::string_view path, const auto& query) {
      if (open_) return chat::answer_get(*node_, *cluster_, path, query);
      return chat::http_answer{503, "application/json", R"({"error":"this node is joining"})", {}};
    };
    e.accept = [this](std::string_view target) {
      constexpr std::string_view one = "/ws/guilds/";
      const bool one_guild = target.starts_with(one) && chat::is_name(target.substr(one.size()));
      return open_ && (target == "/ws" || one_guild);
    };
    e.opened = [this](const connection_ptr& client) {
      auto session = node_->spawn<chat::session>(std::weak_ptr{client}, crash_requests_);
      const std::lock_guard lock{mutex_};
      sessions_[client.get()] = std::move(session);
    };
    e.received = [this](const connection_ptr& client, std::string_view text) {
      const auto told = session_of(client).tell(chat::session::received{std::string{text}});
      if (told != troupe::errc::ok) chat::turn_away(*client, text, told);
    };
    e.closed = [this](const connection_ptr& client) {
      session_of(client).tell(chat::session::closed{});
      const std::lock_guard lock{mutex_};
      sessions_.erase(client.get());
    };
    return e;
  }

 private:
  troupe::actor_ref<chat::session> session_of(const connection_ptr& client) {
    const std::lock_guard lock{mutex_};
    return sessions_[client.get()];
  }

  const chat::crash_requests crash_requests_;
  std::atomic<bool> open_{false};
  troupe::node* node_ = nullptr;  // set before open_
  const troupe::cluster* cluster_ = nullptr;
  std::mutex mutex_;
  std::map<const chat::connection*, troupe::actor_ref<chat::session>> sessions_;
};

int fail(const troupe::error& why) {
  std::fprintf(stderr, "chat_node: %s\n", to_string(why).c_str());
  return 1;
}

int serve(troupe::node_options options, const troupe::endpoint& http, chat::crash_requests how) {
  door entrance{how};
  chat::gateway_options gateway_options;
  gateway_options.listen = http;
  auto gateway = chat::gateway::open(gateway_options, entrance.events());
  if (!gateway) return fail(gateway.why());
  const auto listening = to_string((*gateway)->listening());
  options.labels["http"] = listening;

  auto node = troupe::node::start(std::move(options));
  if (!node) return fail(node.why());
  const troupe::entities<chat::guild> guilds{*node};
  const troupe::cluster cluster{*node};
  const auto up = cluster.wait_until_up(node->options().cluster.join_timeout);
  if (!up) return fail(up.why());
  entrance.open(*node, cluster);
  std::printf("chat_node %s ready http=%s\n", node->options().name.c_str(), listening.c_str());
  std::fflush(stdout);

  node->run_until_signal();
  gateway->reset();  // before the node that its events use
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  troupe::node::hold_signals();
  CLI::App app{"A node of the chat: guilds, and a gateway for browsers"};
  std::string file;
  std::string http = "127.0.0.1:8080";
  bool allow_crash = false;
  troupe::config_sources sources;
  app.add_option("--node-config", file, "TOML file with the node's settings");
  app.add_option("--http", http, "where browsers connect, host:port; port 0 takes a free one");
  app.add_flag("--allow-crash", allow_crash,
               "clients of this node may have a channel or a guild crash, to watch it restart");
  app.add_option("--set", sources.overrides, "a setting, section.key=value; may be repeated");
  CLI11_PARSE(app, argc, argv);
  sources.file = file;
  auto options = troupe::load_config(sources);
  if (!options) return fail(options.why());
  const auto listen = troupe::parse_endpoint(http);
  if (!listen) return fail({troupe::errc::invalid_config, "--http: " + listen.why().what});
  return serve(std::move(*options), *listen,
               allow_crash ? chat::crash_requests::obeyed : chat::crash_requests::refused);
}
