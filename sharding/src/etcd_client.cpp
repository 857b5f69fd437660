#include "etcd_client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe::sharding::etcd {
namespace {

using clock = std::chrono::steady_clock;

// Codes of gRPC.
constexpr int invalid_argument = 3, not_found = 5, permission_denied = 7, failed_precondition = 9,
              unavailable = 14, unauthenticated = 16;

bool says(const refusal& why, std::string_view words) {
  return why.message.find(words) != std::string::npos;
}

// With a user: log in again. Without one: say that a user is needed.
bool wants_login(const refusal& why) {
  return why.code == unauthenticated || says(why, "user name is empty") ||
         says(why, "revision of auth store is old");
}

std::string advice(const refusal& why, unsigned status, const std::string& user) {
  if (why.code == 0) {
    return "HTTP " + std::to_string(status) + ": " + why.message +
           "; is this an etcd of version 3.4 or newer? See cluster.etcd.endpoints";
  }
  if (wants_login(why) && user.empty()) {
    return "etcd asks for a user; set cluster.etcd.user and cluster.etcd.password";
  }
  if (says(why, "authentication failed")) {
    return "etcd does not know this user and password; see cluster.etcd.user (\"" + user +
           "\") and cluster.etcd.password";
  }
  if (why.code == failed_precondition && says(why, "authentication is not enabled")) {
    return "etcd has authentication switched off; remove cluster.etcd.user (\"" + user +
           "\"), or switch it on with `etcdctl auth enable`";
  }
  if (why.code == permission_denied) {
    return "etcd does not let user \"" + user +
           "\" do this; grant its role readwrite on all keys of the cluster (etcdctl role "
           "grant-permission <role> readwrite --prefix <cluster.name>/)";
  }
  return why.message;
}

}  // namespace

// How one try ended: with an answer, or a failure after which another try may or may not help.
struct client::attempt {
  enum class end : std::uint8_t { answered, lease_gone, refused, not_done, unknown };
  end how = end::answered;
  std::string text;  // the answer, or the reason
};

std::unique_ptr<connection> client::dial(std::size_t at) const {
  return connect_to(options_.servers[at], options_.tls);
}

std::unique_ptr<connection> client::take(std::size_t at, deadline until) {
  for (;;) {
    std::unique_ptr<connection> link;
    {
      const std::lock_guard lock{mutex_};
      const auto found = std::ranges::find(idle_, at, &idle::at);
      if (found == idle_.end()) break;
      link = std::move(found->link);
      idle_.erase(found);
    }
    if (link->usable()) return link;
  }
  auto link = dial(at);
  link->open(std::min(until, clock::now() + connect_patience));
  return link;
}

void client::keep(std::size_t at, std::unique_ptr<connection> link) {
  if (!link->usable()) return;
  const std::lock_guard lock{mutex_};
  if (idle_.size() == most_idle) idle_.erase(idle_.begin());
  idle_.push_back({at, std::move(link)});
}

void client::pass_over(std::size_t at) {
  const std::lock_guard lock{mutex_};
  if (preferred_ == at) preferred_ = (at + 1) % options_.servers.size();
  std::erase_if(idle_, [at](const idle& i) { return i.at == at; });
}

std::string client::token(connection& through, deadline until) {
  if (options_.user.empty()) return {};
  {
    const std::lock_guard lock{mutex_};
    if (!token_.empty()) return token_;
  }
  const http_reply reply = through.post("/v3/auth/authenticate",
                                        login_request(options_.user, options_.password), {}, until);
  if (reply.status != 200) {
    throw http_failure{false, advice(parse_refusal(reply.body), reply.status, options_.user)};
  }
  auto token = parse_token(reply.body);
  if (!token) throw http_failure{false, token.why().what};
  const std::lock_guard lock{mutex_};
  return token_ = std::move(*token);
}

void client::forget(const std::string& token) {
  const std::lock_guard lock{mutex_};
  if (token_ == token) token_.clear();
}

client::attempt client::try_once(std::size_t at, const std::string& path, const std::string& body,
                                 deadline until) {
  using end = attempt::end;
  const std::string where = url(at) + ": ";
  bool asked = false;
  try {
    auto link = take(at, until);
    for (bool first = true;; first = false) {
      const std::string proof = token(*link, until);
      asked = true;
      const http_reply reply = link->post(path, body, proof, until);
      if (reply.status == 200) {
        keep(at, std::move(link));
        return {end::answered, reply.body};
      }
      asked = false;  // what is refused is not done, but for two cases below
      const refusal why = parse_refusal(reply.body);
      if (first && wants_login(why) && !options_.user.empty()) {
        forget(proof);
        continue;
      }
      const bool lease = why.code == not_found && says(why, "lease");
      if (lease) return {end::lease_gone, why.message};
      if (why.code == unavailable || says(why, "timed out") || says(why, "leader changed")) {
        return {end::unknown, where + why.message};
      }
      return {end::refused, where + advice(why, reply.status, options_.user)};
    }
  } catch (const http_failure& e) {
    return {asked && e.sent() ? end::unknown : end::not_done, where + e.what()};
  }
}

result<std::string> client::call(const std::string& path, const std::string& body, repeat again) {
  using end = attempt::end;
  const deadline until = clock::now() + patience;
  std::string reasons;
  for (std::size_t tries = std::max<std::size_t>(2, servers()); tries > 0; --tries) {
    std::size_t at = 0;
    {
      const std::lock_guard lock{mutex_};
      at = preferred_;
    }
    attempt done = try_once(at, path, body, until);
    if (done.how == end::answered) return std::move(done.text);
    if (done.how == end::lease_gone) return error{errc::refused, std::move(done.text)};
    if (reasons.find(done.text) == std::string::npos) {
      reasons += (reasons.empty() ? "" : "; ") + done.text;
    }
    pass_over(at);
    if (done.how == end::refused) break;
    if (done.how == end::unknown && again == repeat::unsafe) {
      reasons += "; whether it was done is unknown";
      break;
    }
    if (clock::now() >= until) break;
  }
  return error{errc::store_failed, std::move(reasons)};
}

}  // namespace troupe::sharding::etcd
