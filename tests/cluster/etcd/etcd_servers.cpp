#include "etcd_servers.hpp"

#include "etcd_http.hpp"
#include "ports.hpp"

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::string post(const std::string& url, const std::string& path, const std::string& body) {
  const auto to = etcd::parse_server(url).value();
  const auto link = etcd::connect_to(to, to.tls ? etcd::load_tls({}).value() : nullptr);
  link->open(clock::now() + 500ms);
  return link->post(path, body, {}, clock::now() + 1s).body;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string::npos) return {};
  return text.substr(begin + from.size(), text.find(to, begin + from.size()) - begin - from.size());
}

}  // namespace

etcd_servers::etcd_servers(std::size_t count, etcd_flags flags, std::string scheme)
    : scheme_(std::move(scheme)), ports_(chat::demo::free_ports(2 * count)) {
  const auto peer = [&](std::size_t at) {
    return "http://127.0.0.1:" + std::to_string(ports_[count + at]);
  };
  std::string all;
  for (std::size_t at = 0; at < count; ++at) {
    all += (at == 0 ? "" : ",") + ("s" + std::to_string(at)) + '=' + peer(at);
  }
  for (std::size_t at = 0; at < count; ++at) {
    const std::string name = "s" + std::to_string(at);
    chat::demo::command what{
        {TROUPE_ETCD, "--name", name, "--data-dir", (folder_.path / name).string(),
         "--listen-client-urls", url(at), "--advertise-client-urls", url(at), "--listen-peer-urls",
         peer(at), "--initial-advertise-peer-urls", peer(at), "--initial-cluster", all},
        (folder_.path / (name + ".log")).string()};
    what.words.insert(what.words.end(), flags.begin(), flags.end());
    commands_.push_back(what);
    servers_.push_back(std::make_unique<chat::demo::process>(what));
  }
  if (scheme_ == "http") {
    for (std::size_t at = 0; at < count; ++at) wait_ready(at);
  }
}

std::string etcd_servers::url(std::size_t at) const {
  return scheme_ + "://127.0.0.1:" + std::to_string(ports_[at]);
}

std::string etcd_servers::urls() const {
  std::string all;
  for (std::size_t at = 0; at < ports_.size() / 2; ++at) all += (at == 0 ? "" : ",") + url(at);
  return all;
}

void etcd_servers::wait_ready(std::size_t at) const {
  const auto until = clock::now() + 15s;
  for (;;) {
    try {
      const auto answer = post(url(at), "/v3/maintenance/status", "{}");
      const std::string leader = between(answer, "\"leader\":\"", "\"");
      if (!leader.empty() && leader != "0") return;
    } catch (const etcd::http_failure&) {
    }
    if (clock::now() > until) throw std::runtime_error{"etcd is not ready: " + url(at)};
    std::this_thread::sleep_for(20ms);
  }
}

std::size_t etcd_servers::leader() const {
  const auto until = clock::now() + 15s;
  while (clock::now() < until) {
    for (std::size_t at = 0; at < servers_.size(); ++at) {
      if (!servers_[at]->alive()) continue;
      try {
        const auto answer = post(url(at), "/v3/maintenance/status", "{}");
        const std::string leader = between(answer, "\"leader\":\"", "\"");
        if (!leader.empty() && leader == between(answer, "\"member_id\":\"", "\"")) return at;
      } catch (const etcd::http_failure&) {
      }
    }
    std::this_thread::sleep_for(20ms);
  }
  throw std::runtime_error{"etcd has no leader"};
}

void etcd_servers::kill(std::size_t at) {
  servers_[at]->send(SIGKILL);
  if (!servers_[at]->wait_end(5s)) throw std::runtime_error{"etcd survived SIGKILL"};
}

void etcd_servers::forget(std::size_t at) const {
  std::filesystem::remove_all(folder_.path / ("s" + std::to_string(at)));
}

void etcd_servers::start(std::size_t at) {
  servers_[at] = std::make_unique<chat::demo::process>(commands_[at]);
}

std::string etcd_servers::ctl(const std::string& arguments) const {
  const std::string line =
      "ETCDCTL_API=3 etcdctl --endpoints " + url(0) + ' ' + arguments + " 2>&1";
  std::FILE* out = ::popen(line.c_str(), "r");
  std::string said;
  for (char piece[256]; std::fgets(piece, sizeof piece, out) != nullptr;) said += piece;
  if (::pclose(out) != 0) throw std::runtime_error{line + ": " + said};
  return said;
}

}  // namespace troupe::sharding
