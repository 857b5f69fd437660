// What tests of links are written in: nodes that remember what was reported, and raw peers that
// misbehave.
#pragma once

#include "net/frame.hpp"
#include "net/handshake.hpp"
#include "net/links.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe::net {

/// Longer than anything takes on a loaded machine; only a failing test waits this long.
inline constexpr std::chrono::seconds patience{20};

/// Everything one `links` reported, to be waited for.
class reports {
 public:
  link_events events() {
    return {[this](const std::string& from, std::string_view frame) {
              const std::lock_guard lock{mutex_};
              frames_[from].emplace_back(frame);
              changed_.notify_all();
            },
            [this](const std::string& node, bool reachable) {
              const std::lock_guard lock{mutex_};
              turns_[node].push_back(reachable);
              changed_.notify_all();
            }};
  }

  /// Waits until `node` was last reported as `reachable`, with at least `turns` reports so far.
  bool wait_reachable(const std::string& node, bool reachable, std::size_t turns = 1) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] {
      const auto& seen = turns_[node];
      return seen.size() >= turns && seen.back() == reachable;
    });
  }

  bool wait_frames(const std::string& from, std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return frames_[from].size() >= count; });
  }

  std::vector<std::string> frames(const std::string& from) {
    const std::lock_guard lock{mutex_};
    return frames_[from];
  }

  std::vector<bool> turns(const std::string& node) {
    const std::lock_guard lock{mutex_};
    return turns_[node];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<std::string>> frames_;
  std::map<std::string, std::vector<bool>> turns_;
};

inline link_options quick_limits() {
  link_options limits;
  limits.heartbeat = std::chrono::milliseconds{200};
  limits.silence = std::chrono::milliseconds{1000};
  limits.reconnect_max = std::chrono::milliseconds{100};
  return limits;
}

/// One node on loopback.
struct test_node {
  explicit test_node(std::string name, link_options limits = {}, std::uint16_t port = 0,
                     std::string cluster = "test")
      : self{std::move(name), 1, {"127.0.0.1", port}}, log{self.name, {}} {
    net = links::open({std::move(cluster), self, limits}, log, seen.events()).value();
    self.address = net->listening();
  }

  /// Sends until the queue takes it; false when that is not for want of room.
  bool send_all(const std::string& to, const std::string& frame) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      const errc said = net->send(to, frame);
      if (said != errc::overloaded) return said == errc::ok;
      std::this_thread::yield();
    }
    return false;
  }

  peer self;
  logger log;
  reports seen;
  std::unique_ptr<links> net;
};

/// Makes `a` and `b` reach each other.
inline bool connect(test_node& a, test_node& b) {
  a.net->set_peers({b.self});
  b.net->set_peers({a.self});
  return a.seen.wait_reachable(b.self.name, true) && b.seen.wait_reachable(a.self.name, true);
}

/// A socket without any manners of its own. All waits end after `patience`.
class raw_socket {
 public:
  raw_socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit raw_socket(int fd) : fd_(fd) {}
  raw_socket(raw_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket() {
    if (fd_ >= 0) ::close(fd_);
  }

  static raw_socket to(const endpoint& where) {
    raw_socket s;
    const auto address = loopback(where.port);
    (void)::connect(s.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return s;
  }

  static raw_socket listening() {
    raw_socket s;
    const auto address = loopback(0);
    (void)::bind(s.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    (void)::listen(s.fd_, 8);
    return s;
  }

  raw_socket accept() { return raw_socket{ready() ? ::accept(fd_, nullptr, nullptr) : -1}; }

  [[nodiscard]] endpoint address() const {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
    return {"127.0.0.1", ntohs(bound.sin_port)};
  }

  void say(std::string_view bytes) { (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  void say(frame_kind kind, std::string_view payload) {
    std::string bytes;
    append_frame(bytes, kind, payload);
    say(bytes);
  }

  /// The next frame; none when the other side closed.
  std::optional<std::pair<frame_kind, std::string>> hear() {
    std::string bytes;
    frame_reader reader{1u << 20};
    while (ready()) {
      char byte = 0;
      if (::recv(fd_, &byte, 1, 0) != 1) return std::nullopt;
      reader.feed({&byte, 1});
      const auto next = reader.next();
      if (next.ok() && *next) return std::pair{(*next)->kind, std::string{(*next)->payload}};
    }
    return std::nullopt;
  }

  /// Reads so many bytes, whatever they are; false when the other side closes before.
  bool swallow(std::size_t bytes) {
    std::vector<char> buffer(bytes);
    for (std::size_t got = 0; got < bytes;) {
      const auto now = ready() ? ::recv(fd_, buffer.data() + got, bytes - got, 0) : 0;
      if (now <= 0) return false;
      got += static_cast<std::size_t>(now);
    }
    return true;
  }

  /// True when the other side closes, whatever it says before.
  bool wait_closed() {
    char bytes[4096];
    while (ready()) {
      if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
    }
    return false;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  bool ready() {
    pollfd wanted{fd_, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1;
  }

  int fd_;
};

/// Takes one connection on `door` and welcomes it as the node `as`.
inline raw_socket welcome_one(raw_socket& door, const peer& as) {
  raw_socket taken = door.accept();
  if (taken.hear()) taken.say(frame_kind::accepted, encode(welcome{as.name, as.incarnation}));
  return taken;
}

}  // namespace troupe::net
