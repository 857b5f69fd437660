// Every setting of a node, as plain structs with the defaults in place.
//
// The same fields are read from TOML ([node], [cluster], [journal], [sharding], [link], [runtime],
// [pools.<name>], [log]), from TROUPE_<SECTION>_<KEY> variables, and from flags, later ones winning
// (config.hpp).
#pragma once

#include <troupe/core/endpoint.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace troupe {

/// [cluster.etcd]: how the store "etcd" is reached.
struct etcd_options {
  /// URLs of servers of one etcd, with commas between them; the next is tried when one fails.
  std::string endpoints = "http://127.0.0.1:2379";
  std::string user;      ///< with a password, where etcd asks for one; to 256 bytes
  std::string password;  ///< to 256 bytes
  std::string ca;        ///< file: whom https trusts; empty: as the system does
  std::string cert;      ///< file: with key, who we are, where etcd asks for a certificate
  std::string key;       ///< file
};

/// [cluster]: which cluster this node belongs to, and who arbitrates membership.
struct cluster_options {
  std::string name = "troupe";  ///< nodes of another are refused; 1 to 64 of A-Za-z0-9._-
  /// "memory": this process only; "sqlite": this machine; "etcd": many machines.
  std::string store = "memory";
  std::string path = "troupe.db";  ///< sqlite's file, which clusters may share; to 4096 bytes
  std::chrono::milliseconds lease{5000};  ///< a dead node's shards move after this; 500 to 600000
  /// How often a store without push is looked at; 5 to 5000, and at most lease / 4.
  std::chrono::milliseconds poll{50};
  /// How long `entities` waits to be a member; 1 to 3600000.
  std::chrono::milliseconds join_timeout{10000};
  /// How long a node that stops hands its entities over; the rest lose state. 1 to 3600000.
  std::chrono::milliseconds drain_timeout{30000};
  etcd_options etcd;
};

/// [journal]: where durable entities' events are kept; the same for all nodes of a cluster.
struct journal_options {
  /// "memory": this process only; "sqlite": a file; "auto": as the cluster's store, beside it.
  std::string store = "auto";
  std::string
      path;  ///< sqlite's file, empty: cluster.path with ".journal" behind it; to 4096 bytes
};

/// [sharding]: must be equal on all nodes of a cluster; a node with others is refused.
struct sharding_options {
  std::uint32_t shards = 1024;  ///< a power of two, 1 to 65536
  std::uint32_t vnodes = 150;   ///< ring tokens of a node with weight 1; 1 to 10000
  double load_bound = 1.05;     ///< no node gets more than this times its fair share; 1.01 to 10
};

/// [link]: connections between nodes.
struct link_options {
  /// A ping when nothing was heard this long; 10 to 60000, and less than silence.
  std::chrono::milliseconds heartbeat{1000};
  /// A peer silent this long is unreachable; 20 to 600000.
  std::chrono::milliseconds silence{3000};
  /// Ceiling of the pause between attempts; 10 to 60000.
  std::chrono::milliseconds reconnect_max{1000};
  /// Bytes; larger frames are refused unread; 1 KiB to 1 GiB.
  std::size_t max_frame = 16u << 20;
  /// Bytes waiting for one peer; then `overloaded`; 1 KiB to 16 GiB.
  std::size_t send_queue = 64u << 20;
};

/// [runtime]: threads and queues inside a node.
struct runtime_options {
  /// Threads that run actors, at most 1024; 0: one per core, at least two.
  std::uint32_t workers = 0;
  /// Messages waiting for one actor; then `overloaded`; 1 to 500000.
  std::uint32_t mailbox = 10'000;
};

/// [pools.<name>]: threads for work that blocks or computes (`ctx.offload`), apart from those that
/// run actors and from other pools.
struct pool_options {
  /// Started when they are first needed; at most 1024; 0: one per core, at least four.
  std::uint32_t threads = 0;
  /// Jobs waiting for a thread; then `overloaded`; 1 to 1000000.
  std::uint32_t queue = 1000;
};

/// [log]: structured lines on standard error.
struct log_options {
  std::string level = "info";  ///< trace, debug, info, warn, error, off
};

/// Everything `node::start` wants to know. Plain value; defaults give a cluster of one.
struct node_options {
  std::string name = "node";  ///< unique in its cluster; 1 to 64 of A-Za-z0-9._-
  endpoint listen;            ///< where other nodes reach this one
  double weight = 1.0;        ///< share of the ring; 0: owns nothing; at most 100
  /// [node.labels]: shown to others, e.g. http = "…"; at most 32, names and values to 256 bytes.
  std::map<std::string, std::string> labels;

  cluster_options cluster;
  journal_options journal;
  sharding_options sharding;
  link_options link;
  runtime_options runtime;
  /// By name: 1 to 32 of a-z0-9_-; at most 32.
  std::map<std::string, pool_options> pools{{"blocking", {}}};
  log_options log;
};

}  // namespace troupe
