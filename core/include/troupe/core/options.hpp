// Every setting of a node, as plain structs with the defaults in place.
//
// The same fields are read from TOML ([node], [cluster], [sharding], [link], [runtime], [log]), from
// TROUPE_<SECTION>_<KEY> variables, and from flags, later ones winning (config.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include <troupe/core/result.hpp>

namespace troupe {

/// An address to listen on or connect to. Port 0 listens on a free port.
struct endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

[[nodiscard]] std::string to_string(const endpoint& e);  ///< "127.0.0.1:4001"
/// Reads "host:port"; the error says what was expected.
[[nodiscard]] result<endpoint> parse_endpoint(const std::string& text);

/// [cluster]: which cluster this node belongs to, and who arbitrates membership.
struct cluster_options {
  std::string name = "troupe";             ///< nodes with another name are refused
  std::string store = "memory";            ///< "memory": this process only; "sqlite": this machine
  std::string path = "troupe.db";          ///< the store's file; several clusters may share one
  std::chrono::milliseconds lease{5000};   ///< a dead node's shards move after this; 500 to 600000
  std::chrono::milliseconds poll{50};      ///< how often a store without push is looked at; 5 to 5000
  std::chrono::milliseconds join_timeout{10000};  ///< how long `entities` waits to be a member
};

/// [sharding]: must be equal on all nodes of a cluster; a node with others is refused.
struct sharding_options {
  std::uint32_t shards = 1024;  ///< a power of two, 1 to 65536
  std::uint32_t vnodes = 150;   ///< ring tokens of a node with weight 1; 1 to 10000
  double load_bound = 1.05;     ///< no node gets more than this times its fair share; 1.01 to 10
};

/// [link]: connections between nodes.
struct link_options {
  std::chrono::milliseconds heartbeat{1000};     ///< a ping when nothing was heard this long
  std::chrono::milliseconds silence{3000};       ///< a peer silent this long is unreachable
  std::chrono::milliseconds reconnect_max{1000}; ///< ceiling of the pause between attempts
  std::size_t max_frame = 16u << 20;             ///< bytes; larger frames are refused unread
  std::size_t send_queue = 64u << 20;            ///< bytes waiting for one peer; then `overloaded`
};

/// [runtime]: threads and queues inside a node.
struct runtime_options {
  std::uint32_t workers = 0;       ///< threads that run actors; 0: one per core, at least two
  std::uint32_t mailbox = 10'000;  ///< messages waiting for one actor; then `overloaded`
};

/// [log]: structured lines on standard error.
struct log_options {
  std::string level = "info";  ///< trace, debug, info, warn, error, off
};

/// Everything `node::start` wants to know. Plain value; defaults give a cluster of one.
struct node_options {
  std::string name = "node";                  ///< unique in the cluster; 1 to 64 of [A-Za-z0-9._-]
  endpoint listen;                            ///< where other nodes reach this one
  double weight = 1.0;                        ///< share of the ring; 0: owns nothing; at most 100
  std::map<std::string, std::string> labels;  ///< [node.labels]: shown to others, e.g. http = "…"

  cluster_options cluster;
  sharding_options sharding;
  link_options link;
  runtime_options runtime;
  log_options log;
};

}  // namespace troupe
