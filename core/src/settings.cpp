#include "settings.hpp"

namespace troupe::settings {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t operator""_KiB(unsigned long long n) {
  return n << 10;
}
constexpr std::uint64_t operator""_GiB(unsigned long long n) {
  return n << 30;
}

template <class Section>
auto& part(auto& options) {
  if constexpr (std::is_same_v<Section, cluster_options>) {
    return options.cluster;
  } else if constexpr (std::is_same_v<Section, etcd_options>) {
    return options.cluster.etcd;
  } else if constexpr (std::is_same_v<Section, journal_options>) {
    return options.journal;
  } else if constexpr (std::is_same_v<Section, sharding_options>) {
    return options.sharding;
  } else if constexpr (std::is_same_v<Section, link_options>) {
    return options.link;
  } else if constexpr (std::is_same_v<Section, runtime_options>) {
    return options.runtime;
  } else if constexpr (std::is_same_v<Section, log_options>) {
    return options.log;
  } else {
    return options;
  }
}

error out_of_range(const std::string& range, const value& found, const setting& s) {
  error why = unexpected(range, found);
  why.what += "; " + std::string(s.key) + " is " + std::string(s.meaning);
  return why;
}

setting named(std::string_view path, std::string_view meaning) {
  setting s;
  const std::size_t dot = path.rfind('.');
  s.section = path.substr(0, dot);
  s.key = path.substr(dot + 1);
  s.meaning = meaning;
  return s;
}

template <class Type, class Section, class Field>
setting row(std::string_view path, Type type, Field Section::*field, std::string_view meaning) {
  using held = typename Type::type;
  setting s = named(path, meaning);
  s.numbers = Type::numbers;
  s.assign = [=, said = s](node_options& to, const std::string&, const value& v) -> result<void> {
    auto read = type.read(v);
    if (!read) return read.why();
    if (!type.allows(*read)) return out_of_range(type.range(), v, said);
    part<Section>(to).*field = static_cast<Field>(std::move(*read));
    return {};
  };
  s.show = [=](const node_options& o) { return type.show(held(part<Section>(o).*field)); };
  s.check = [=, said = s](const node_options& o) -> result<void> {
    if (type.allows(held(part<Section>(o).*field))) return {};
    return out_of_range(type.range(), said.show(o), said);
  };
  return s;
}

setting row(std::string_view path, labels type, labels::type node_options::*field,
            std::string_view meaning) {
  setting s = named(path, meaning);
  s.assign = [=](node_options& to, const std::string& key, const value& v) {
    return type.add(to.*field, key, v);
  };
  s.check = [=](const node_options& o) { return type.check(o.*field); };
  s.show = [=](const node_options& o) { return type.show(o.*field); };
  return s;
}

constexpr std::size_t most_pools = 32;
constexpr std::size_t longest_pool_name = 32;

/// A variable in capitals must be able to name it.
result<void> check_pool(const std::string& name, const node_options& o) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  if (name.empty() || name.size() > longest_pool_name ||
      name.find_first_not_of(letters) != std::string::npos) {
    return unexpected("a pool name of 1 to 32 of a-z 0-9 _ -", name);
  }
  if (o.pools.size() + (o.pools.contains(name) ? 0 : 1) > most_pools) {
    return {errc::invalid_config, "expected at most 32 pools"};
  }
  return {};
}

/// A field of every pool; complaints of `check` begin with the pool's name.
setting row(std::string_view path, count type, std::uint32_t pool_options::*field,
            std::string_view meaning) {
  setting s = named(path, meaning);
  s.numbers = true;
  s.assign = [=, said = s](node_options& to, const std::string& pool, const value& v) {
    if (auto fine = check_pool(pool, to); !fine) return fine;
    auto read = type.read(v);
    if (!read) return result<void>{read.why()};
    if (!type.allows(*read)) return result<void>{out_of_range(type.range(), v, said)};
    to.pools[pool].*field = static_cast<std::uint32_t>(*read);
    return result<void>{};
  };
  s.show = [=](const node_options& o) {
    std::string all;
    for (const auto& [name, pool] : o.pools) {
      all += (all.empty() ? "" : " ") + name + '=' + std::to_string(pool.*field);
    }
    return value{all};
  };
  s.check = [=, said = s](const node_options& o) -> result<void> {
    for (const auto& [name, pool] : o.pools) {
      auto fine = check_pool(name, o);
      if (fine && !type.allows(pool.*field)) {
        fine = out_of_range(type.range(), value{std::int64_t{pool.*field}}, said);
      }
      if (!fine) return error{fine.code(), name + ": " + fine.why().what};
    }
    return {};
  };
  return s;
}

std::string shown(duration::type d) {
  return std::get<std::string>(duration::show(d));
}

}  // namespace

// The field's type must hold the whole range: what is in range is not checked again when it is
// stored.
const std::vector<setting>& table() {
  static const std::vector<setting> all = {
      row("node.name", name{{64}}, &node_options::name, "this node's name, unique in its cluster"),
      row("node.listen", address{}, &node_options::listen,
          "where other nodes reach this one; port 0 takes a free one"),
      row("node.weight", real{0, 100}, &node_options::weight,
          "this node's share of the ring; 0 owns nothing"),
      row("node.labels.*", labels{32, 256}, &node_options::labels,
          "what other nodes and people are shown about this one"),
      row("cluster.name", name{{64}}, &cluster_options::name,
          "the cluster this node belongs to; nodes of another are refused"),
      row("cluster.store", choice{{"memory", "sqlite", "etcd"}}, &cluster_options::store,
          "who arbitrates membership: memory for one process, sqlite for one machine, etcd for "
          "many"),
      row("cluster.path", string{4096}, &cluster_options::path,
          "the file of the sqlite store; several clusters may share one"),
      row("cluster.lease", duration{500ms, 10min}, &cluster_options::lease,
          "how long a dead node keeps its shards"),
      row("cluster.poll", duration{5ms, 5s}, &cluster_options::poll,
          "how often a store without push is looked at; at most a quarter of lease"),
      row("cluster.join_timeout", duration{1ms, 1h}, &cluster_options::join_timeout,
          "how long to wait for this node to become a member"),
      row("cluster.drain_timeout", duration{1ms, 1h}, &cluster_options::drain_timeout,
          "how long a node that stops hands its entities over to others"),
      row("cluster.etcd.endpoints", urls{{4096}}, &etcd_options::endpoints,
          "where etcd is; the next server is tried when one fails"),
      row("cluster.etcd.user", optional_string{{256}}, &etcd_options::user,
          "this node's user, where etcd asks for one"),
      row("cluster.etcd.password", optional_string{{256}}, &etcd_options::password,
          "the user's password"),
      row("cluster.etcd.ca", optional_string{{4096}}, &etcd_options::ca,
          "the file with the certificates https trusts; empty trusts what the system does"),
      row("cluster.etcd.cert", optional_string{{4096}}, &etcd_options::cert,
          "the file with this node's certificate, where etcd asks for one"),
      row("cluster.etcd.key", optional_string{{4096}}, &etcd_options::key,
          "the file with the certificate's key"),
      row("journal.store", choice{{"auto", "memory", "sqlite"}}, &journal_options::store,
          "where the events of durable entities are kept; auto takes what the cluster's store is"),
      row("journal.path", optional_string{{4096}}, &journal_options::path,
          "the file of a sqlite journal; empty takes cluster.path with .journal behind it"),
      row("sharding.shards", power_of_two{{1, 65536}}, &sharding_options::shards,
          "the number of pieces entities are divided into"),
      row("sharding.vnodes", count{1, 10'000}, &sharding_options::vnodes,
          "the ring tokens of a node with weight 1"),
      row("sharding.load_bound", real{1.01, 10}, &sharding_options::load_bound,
          "how many times its fair share a node may get"),
      row("link.heartbeat", duration{10ms, 1min}, &link_options::heartbeat,
          "how long nothing is heard before a ping; less than silence"),
      row("link.silence", duration{20ms, 10min}, &link_options::silence,
          "how long a peer may be silent before it is unreachable"),
      row("link.reconnect_max", duration{10ms, 1min}, &link_options::reconnect_max,
          "the longest pause between attempts to connect"),
      row("link.max_frame", size{1_KiB, 1_GiB}, &link_options::max_frame,
          "the largest frame; larger ones are refused unread"),
      row("link.send_queue", size{1_KiB, 16_GiB}, &link_options::send_queue,
          "how much may wait for one peer before it is overloaded"),
      row("runtime.workers", count{0, 1024}, &runtime_options::workers,
          "the threads that run actors; 0 takes one per core, at least two"),
      row("runtime.mailbox", count{1, 500'000}, &runtime_options::mailbox,
          "how many messages may wait for one actor before it is overloaded"),
      row("pools.<name>.threads", count{0, 1024}, &pool_options::threads,
          "the threads of this pool; 0 takes one per core, at least four"),
      row("pools.<name>.queue", count{1, 1'000'000}, &pool_options::queue,
          "how many jobs may wait for a thread before the pool is overloaded"),
      row("log.level", choice{{"trace", "debug", "info", "warn", "error", "off"}},
          &log_options::level, "the least severe lines that are written"),
  };
  return all;
}

std::vector<conflict> conflicts(const node_options& o) {
  std::vector<conflict> found;
  if (o.cluster.poll > o.cluster.lease / 4) {
    found.push_back({"cluster.poll", "cluster.lease",
                     "poll must be at most a quarter of lease, found poll " +
                         shown(o.cluster.poll) + " and lease " + shown(o.cluster.lease)});
  }
  if (o.link.heartbeat >= o.link.silence) {
    found.push_back({"link.heartbeat", "link.silence",
                     "heartbeat must be less than silence, found heartbeat " +
                         shown(o.link.heartbeat) + " and silence " + shown(o.link.silence)});
  }
  return found;
}

}  // namespace troupe::settings
