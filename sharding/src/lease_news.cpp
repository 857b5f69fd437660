#include "lease_news.hpp"

#include <troupe/sharding/lease_guard.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace troupe::sharding {
namespace {

namespace json = boost::json;

// The texts of a store's settings, by name.
template <class Options, class Visit>
void each_text(Options& o, const Visit& visit) {
  visit("store", o.store);
  visit("path", o.path);
  visit("name", o.name);
  visit("endpoints", o.etcd.endpoints);
  visit("user", o.etcd.user);
  visit("password", o.etcd.password);
  visit("ca", o.etcd.ca);
  visit("cert", o.etcd.cert);
  visit("key", o.etcd.key);
}

// The socket of "7:12345"; -1 when descriptor 7 is not, or no longer, inode 12345.
int socket_of(std::string_view value) {
  int fd = -1;
  ino_t inode = 0;
  const char* end = value.data() + value.size();
  const auto first = std::from_chars(value.data(), end, fd);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return -1;
  const auto second = std::from_chars(first.ptr + 1, end, inode);
  if (second.ec != std::errc{} || second.ptr != end) return -1;
  struct stat is {};
  const bool same = ::fstat(fd, &is) == 0 && S_ISSOCK(is.st_mode) && is.st_ino == inode;
  return same ? fd : -1;
}

}  // namespace

std::string to_text(const lease_news& news) {
  json::object all;
  each_text(news.where, [&all](const char* name, const std::string& text) { all[name] = text; });
  all["lease"] = news.lease;
  return json::serialize(all);
}

result<lease_news> parse_lease_news(std::string_view text) {
  const auto wrong = [](const char* why) {
    return error{errc::malformed,
                 std::string{"a child told of a lease what cannot be read: "} + why};
  };
  json::error_code failed;
  const json::value all = json::parse(json::string_view{text.data(), text.size()}, failed);
  if (failed || !all.is_object()) return wrong("it is no JSON object");
  lease_news out;
  bool whole = true;
  each_text(out.where, [&](const char* name, std::string& to) {
    const json::value* found = all.get_object().if_contains(name);
    whole = whole && found != nullptr && found->is_string();
    if (whole) to.assign(found->get_string().data(), found->get_string().size());
  });
  const json::value* lease = all.get_object().if_contains("lease");
  if (!whole || lease == nullptr) return wrong("a setting is missing");
  if (const auto* n = lease->if_int64(); n != nullptr && *n > 0) {
    out.lease = static_cast<lease_id>(*n);
  } else if (const auto* u = lease->if_uint64()) {
    out.lease = *u;
  }
  if (out.lease == 0) return wrong("the lease is no number");
  return out;
}

void tell_parent(const coordination_store& store, lease_id lease, logger& log) {
  const char* value = std::getenv(lease_guard::variable);
  const auto where = value == nullptr ? std::nullopt : store.address();
  if (!where) return;
  const int fd = socket_of(value);
  // Programs that the node starts do not speak for it.
  if (fd < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    log.warn("the parent process is not told of the lease",
             {{"why", "no socket of a lease_guard"}, {"variable", value}});
    return;
  }
  const std::string news = to_text({*where, lease});
  const auto sent = ::send(fd, news.data(), news.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(news.size())) {
    log.warn("the parent process is not told of the lease", {{"why", std::strerror(errno)}});
  }
}

}  // namespace troupe::sharding
