// HTTP/1.1 and HTTPS to one etcd server, with a deadline on everything.
#pragma once

#include <troupe/core/result.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::sharding::etcd {

using deadline = std::chrono::steady_clock::time_point;

/// "https://10.0.0.1:2379".
struct server {
  std::string url;
  bool tls = false;
  std::string host;
  std::string port;
};
/// `invalid_config` when it is no http or https URL of host and port alone.
[[nodiscard]] result<server> parse_server(std::string_view url);

/// Files that https needs: whom to trust, and who we are. Empty: the system's, and nobody.
struct tls_files {
  std::string ca, cert, key;
};
class tls_context;  // OpenSSL's, not seen here
/// `invalid_config`, with the file, when one cannot be used.
[[nodiscard]] result<std::shared_ptr<tls_context>> load_tls(const tls_files& files);

/// What went wrong on the way. Never leaves the room.
class http_failure : public std::runtime_error {
 public:
  http_failure(bool sent, const std::string& why) : std::runtime_error(why), sent_(sent) {}
  /// Something was sent: whether the server did what was asked is unknown.
  [[nodiscard]] bool sent() const noexcept { return sent_; }

 private:
  bool sent_;
};

struct http_reply {
  unsigned status = 0;
  std::string body;
};

/// One connection, used by one thread at a time; `abort` by any. Names are resolved by the system,
/// whose own time-outs come on top of the deadlines. After an `http_failure` it is of no more use.
class connection {
 public:
  static constexpr std::size_t longest_reply = 64u << 20;  ///< bytes
  static constexpr std::size_t longest_line = 16u << 20;   ///< bytes, of a stream

  virtual ~connection() = default;
  virtual void open(deadline until) = 0;
  virtual http_reply post(const std::string& path, const std::string& body,
                          const std::string& token, deadline until) = 0;
  /// Sends, then answers the status: `next_line` gives the answer's lines as they come.
  virtual unsigned post_for_lines(const std::string& path, const std::string& body,
                                  const std::string& token, deadline until) = 0;
  virtual std::string next_line(deadline until) = 0;
  /// Between two posts: whether the server has kept it open.
  [[nodiscard]] virtual bool usable() = 0;
  /// What runs on it, or is begun later, fails.
  virtual void abort() = 0;
};
[[nodiscard]] std::unique_ptr<connection> connect_to(const server& to,
                                                     std::shared_ptr<tls_context> tls);

}  // namespace troupe::sharding::etcd
