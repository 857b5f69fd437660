#include "etcd_store.hpp"

#include "store_errors.hpp"

#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

namespace troupe::sharding {

using etcd::repeat;
using std::chrono::milliseconds;
using std::chrono::seconds;

result<etcd::client_options> etcd_client_options(const etcd_options& options) {
  etcd::client_options out;
  out.user = options.user;
  out.password = options.password;
  std::string_view rest = options.endpoints;
  bool tls = false;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    auto one = etcd::parse_server(rest.substr(0, comma));
    if (!one) return one.why();
    tls |= one->tls;
    out.servers.push_back(std::move(*one));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  if (options.cert.empty() != options.key.empty()) {
    return error{errc::invalid_config,
                 "cluster.etcd.cert and cluster.etcd.key go together; set both, or neither"};
  }
  if (out.servers.empty()) {
    return error{errc::invalid_config,
                 "cluster.etcd.endpoints is empty; name etcd's servers, with commas between them"};
  }
  if (tls) {
    auto context = etcd::load_tls({options.ca, options.cert, options.key});
    if (!context) return context.why();
    out.tls = std::move(*context);
  }
  return out;
}

etcd_store::etcd_store(etcd_options how, etcd::client_options options, std::string prefix)
    : how_(std::move(how)), client_(std::move(options)), prefix_(std::move(prefix)), name_("etcd") {
  for (std::size_t at = 0; at < client_.servers(); ++at) {
    name_ += (at == 0 ? " " : ",") + client_.url(at);
  }
}

error etcd_store::failed(const char* doing, const std::string& why) const {
  return {errc::store_failed,
          "coordination store " + name_ + " could not be " + doing + ": " + why};
}

template <class Parse>
auto etcd_store::ask(const char* doing, const std::string& path, const std::string& body,
                     repeat again, const Parse& parse) -> decltype(parse(std::string_view{})) {
  const auto answer = client_.call(path, body, again);
  if (answer.code() == errc::refused) return answer.why();
  if (!answer) return failed(doing, answer.why().what);
  auto out = parse(*answer);
  if (!out) return failed(doing, out.why().what);
  return out;
}

result<void> etcd_store::check(milliseconds lease) {
  auto keys = read(prefix_);
  if (!keys) {
    auto why = keys.why();
    const bool advises = why.what.find("cluster.etcd") != std::string::npos;
    if (!advises) why.what += "; start etcd there, or change cluster.etcd.endpoints";
    return why;
  }
  const auto may_write =
      ask("written", "/v3/kv/txn", etcd::may_write_request(prefix_), repeat::safe, etcd::parse_txn);
  if (!may_write) return may_write.why();
  const auto granted = grant(lease);
  if (!granted) return granted.why();
  return revoke(*granted);
}

result<lease_id> etcd_store::grant(milliseconds ttl) {
  constexpr const char* doing = "asked for a lease";
  const auto asked = std::max(seconds{1}, std::chrono::ceil<seconds>(ttl));
  // A lease that is granted twice costs nothing: nobody knows the first, and it ends.
  const auto granted =
      ask(doing, "/v3/lease/grant", etcd::grant_request(asked), repeat::safe, etcd::parse_grant);
  if (!granted) return granted.why();
  if (granted->ttl == asked) return granted->lease;
  const auto ignored = revoke(granted->lease);
  static_cast<void>(ignored.ok());
  return failed(doing, "it grants " + std::to_string(granted->ttl.count()) + " s where " +
                           std::to_string(ttl.count()) +
                           " ms are asked for, by its election timeout; set cluster.lease to \"" +
                           std::to_string(granted->ttl.count()) + "s\" or more");
}

result<void> etcd_store::renew(lease_id lease) {
  const auto left = ask("asked to renew a lease", "/v3/lease/keepalive", etcd::lease_request(lease),
                        repeat::safe, etcd::parse_time_left);
  if (left.code() == errc::refused) return lease_ended(lease);
  if (!left) return left.why();
  if (*left <= seconds{0}) return lease_ended(lease);
  return {};
}

result<void> etcd_store::revoke(lease_id lease) {
  const auto done = ask("asked to end a lease", "/v3/lease/revoke", etcd::lease_request(lease),
                        repeat::safe, etcd::parse_revision);
  if (!done && done.code() != errc::refused) return done.why();
  return {};
}

bool etcd_store::ended(lease_id lease) {
  const auto left = ask("asked for a lease", "/v3/lease/timetolive", etcd::lease_request(lease),
                        repeat::safe, etcd::parse_time_left);
  return left.code() == errc::refused || (left && *left <= seconds{0});
}

result<bool> etcd_store::commit(const store_txn& txn) {
  const auto body = etcd::txn_request(txn);
  if (!body) return body.why();
  std::set<lease_id> leases;
  for (const store_write& write : txn.writes) {
    if (!write.erase && write.lease != 0) leases.insert(write.lease);
  }
  const auto done = ask("written", "/v3/kv/txn", *body, repeat::unsafe, etcd::parse_txn);
  if (done.code() == errc::refused) {
    return lease_ended(leases.empty() ? 0 : *leases.begin());
  }
  if (!done || *done) return done;
  // etcd looks at leases only when the conditions hold.
  for (const lease_id lease : leases) {
    if (ended(lease)) return lease_ended(lease);
  }
  return false;
}

result<store_snapshot> etcd_store::read(const std::string& prefix, revision since) {
  return ask("read", "/v3/kv/range", etcd::range_request(prefix, since), repeat::safe,
             etcd::parse_range);
}

etcd::watch& etcd_store::watching() {
  const std::lock_guard lock{mutex_};
  if (!watch_) watch_.emplace(client_, prefix_);
  return *watch_;
}

result<revision> etcd_store::wait_for_change(revision seen, milliseconds timeout) {
  auto changed = watching().wait(seen, timeout);
  if (!changed) return failed("watched", changed.why().what);
  return changed;
}

void etcd_store::interrupt() {
  watching().interrupt();
}

std::optional<cluster_options> etcd_store::address() const {
  cluster_options out;
  out.store = "etcd";
  out.name = prefix_.substr(0, prefix_.find('/'));
  out.etcd = how_;
  const auto whole = [](std::string& file) {
    if (!file.empty()) file = std::filesystem::absolute(file).string();
  };
  whole(out.etcd.ca);
  whole(out.etcd.cert);
  whole(out.etcd.key);
  return out;
}

}  // namespace troupe::sharding
