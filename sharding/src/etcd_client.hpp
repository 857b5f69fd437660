// Calls to an etcd of one or several servers: the next one when one fails, logged in when asked to.
#pragma once

#include "etcd_http.hpp"
#include "etcd_json.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::sharding::etcd {

struct client_options {
  std::vector<server> servers;  ///< at least one
  std::shared_ptr<tls_context> tls;
  std::string user, password;  ///< no user: not logged in
};

/// Whether a call whose outcome is unknown may be made again.
enum class repeat : std::uint8_t { safe, unsafe };

/// Any thread. A connection for each call that runs, kept for later ones.
class client {
 public:
  static constexpr std::chrono::milliseconds patience{1000};         ///< of a whole call
  static constexpr std::chrono::milliseconds connect_patience{500};  ///< with one server
  static constexpr std::size_t most_idle = 4;  ///< connections that are kept, of all servers

  explicit client(client_options options) : options_(std::move(options)) {}

  /// The answer's body. `refused`: there is no such lease. `store_failed`: etcd did not answer, or
  /// said no; with the server and what to do.
  result<std::string> call(const std::string& path, const std::string& body, repeat again);

  // For a stream of one's own.
  [[nodiscard]] std::size_t servers() const noexcept { return options_.servers.size(); }
  [[nodiscard]] const std::string& url(std::size_t at) const { return options_.servers[at].url; }
  /// Not connected yet.
  [[nodiscard]] std::unique_ptr<connection> dial(std::size_t at) const;
  /// What to send as proof of who we are; logs in on `through` if need be. "": nothing. Throws
  /// `http_failure`.
  std::string token(connection& through, deadline until);
  /// The next call logs in again, unless another has since `token` was had.
  void forget(const std::string& token);

 private:
  struct attempt;
  struct idle {
    std::size_t at;
    std::unique_ptr<connection> link;
  };
  std::unique_ptr<connection> take(std::size_t at, deadline until);
  void keep(std::size_t at, std::unique_ptr<connection> link);
  void pass_over(std::size_t at);
  attempt try_once(std::size_t at, const std::string& path, const std::string& body,
                   deadline until);

  const client_options options_;
  std::mutex mutex_;  // of what follows; never held while anything is sent
  std::size_t preferred_ = 0;
  std::string token_;
  std::vector<idle> idle_;
};

}  // namespace troupe::sharding::etcd
