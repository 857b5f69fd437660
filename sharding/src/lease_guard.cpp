#include "lease_news.hpp"
#include "open_store.hpp"
#include <troupe/sharding/lease_guard.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace troupe::sharding {
namespace {

result<void> reached(const cluster_options& how, std::shared_ptr<coordination_store>& store) {
  if (store) return {};
  auto opened = reach_store(how);
  if (!opened) return opened.why();
  store = std::move(*opened);
  return {};
}

}  // namespace

lease_guard::lease_guard() {
  // Not a pipe: whole messages, and no SIGPIPE for nodes that outlive us.
  int ends[2];
  struct stat is {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0 ||
      ::fstat(ends[1], &is) != 0) {
    throw std::system_error{errno, std::generic_category(), "no socket for a child process"};
  }
  ours_ = ends[0];
  childs_ = ends[1];
  // With the inode, so that a grandchild in which the number means another file is not misled.
  value_ = std::to_string(childs_) + ':' + std::to_string(is.st_ino);
}

lease_guard::~lease_guard() {
  ::close(ours_);
  ::close(childs_);
}

void lease_guard::let_inherit() const noexcept {
  ::fcntl(childs_, F_SETFD, 0);
}

result<void> lease_guard::take(const std::string& told) {
  auto news = parse_lease_news(told);
  if (!news) return news.why();
  const lease_id lease = std::exchange(news->lease, 0);
  const std::string where = to_text(*news);
  if (leases_.size() == most_leases) leases_.erase(leases_.begin());
  leases_.push_back({where, lease});
  place& at = places_.try_emplace(where, place{std::move(news->where), nullptr}).first->second;
  return reached(at.how, at.store);
}

std::vector<error> lease_guard::take_in() {
  std::vector<error> wrong;
  std::string told(longest_news, '\0');
  for (;;) {
    const ssize_t size = ::recv(ours_, told.data(), told.size(), MSG_DONTWAIT);
    if (size <= 0) return wrong;
    const auto taken = take(told.substr(0, static_cast<std::size_t>(size)));
    if (!taken) wrong.push_back(taken.why());
  }
}

result<void> lease_guard::end(const held& one) {
  place& at = places_.at(one.where);
  const auto open = reached(at.how, at.store);
  return open ? at.store->revoke(one.lease) : open;
}

std::vector<error> lease_guard::end_all() {
  std::vector<error> wrong = take_in();
  std::erase_if(leases_, [&](const held& one) {
    const auto ended = end(one);
    if (!ended) wrong.push_back(ended.why());
    return ended.ok();
  });
  return wrong;
}

}  // namespace troupe::sharding
