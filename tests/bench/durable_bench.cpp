// What it costs that nothing acknowledged is lost: commands of durable entities, beside what the
// store itself can take and give.
#include "journal/checked_entry.hpp"
#include "journal/sqlite_journal.hpp"
#include "sqlite.hpp"
#include "support/cases.hpp"
#include "support/latencies.hpp"
#include "support/usage.hpp"
#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using troupe::context;

/// What is said is 64 bytes.
struct guild {
  static constexpr auto name = "guild";
  static constexpr std::uint32_t mailbox = 100'000;
  static constexpr std::uint32_t snapshot_every = 1'000'000'000;
  struct say {
    std::string what;
  };
  struct size {};
  using protocol = troupe::protocol<std::int64_t(say), std::int64_t(size)>;
  struct said {
    std::string what;
  };
  using remembers = troupe::remembers<said>;
  std::int64_t on(say m, context& ctx) {
    ctx.persist(said{std::move(m.what)});
    return count;
  }
  std::int64_t on(size) const { return count; }
  void apply(const said&) { ++count; }
  std::int64_t count = 0;
};
const std::string words(64, 'x');

/// The same with snapshots.
struct keeper {
  static constexpr auto name = "keeper";
  using protocol = troupe::protocol<std::int64_t(guild::say), std::int64_t(guild::size)>;
  using remembers = troupe::remembers<guild::said>;
  std::int64_t on(guild::say m, context& ctx) {
    ctx.persist(guild::said{std::move(m.what)});
    return count;
  }
  std::int64_t on(guild::size) const { return count; }
  void apply(const guild::said&) { ++count; }
  std::int64_t count = 0;
};

/// Keeps a number of commands under way, to one guild after another.
struct poster {
  struct go {
    std::int64_t commands = 0;
    int window = 0;
    int first = 0, guilds = 1;
    std::int64_t pause_ns = 0;  // between two; 0: whenever one is answered
  };
  struct next {};
  using protocol = troupe::protocol<std::int64_t(go), void(next)>;

  troupe::later<std::int64_t> on(go m, context& ctx) {
    how = m;
    at = m.first;
    left = how.commands;
    done = ctx.later<std::int64_t>();
    if (how.pause_ns > 0) {
      begun = ctx.now();
      ctx.every(1ms, next{});
    } else {
      for (int i = 0; i < how.window; ++i) post(ctx);
    }
    return {};
  }
  void on(next, context& ctx) {
    const auto due = (ctx.now() - begun).count() / how.pause_ns;
    while (left > 0 && how.commands - left < due) post(ctx);
  }
  void post(context& ctx) {
    if (left == 0) return;
    --left;
    const auto since = ctx.now();
    at = (at + 1) % how.guilds;
    ctx.ask((*guilds)[std::to_string(at)], guild::say{words}, 30s)
        .then([this, since](const troupe::result<std::int64_t>& r, context& c) {
          if (!r) bench::give_up("a command failed: " + r.why().what);
          took->add((c.now() - since).count());
          if (++answered == how.commands) return done.set(answered);
          if (how.pause_ns == 0) post(c);
        });
  }

  static troupe::entities<guild>* guilds;
  static bench::latencies* took;
  go how{};
  int at = 0;
  std::int64_t left = 0, answered = 0;
  clock_type::time_point begun;
  troupe::later<std::int64_t> done;
};
troupe::entities<guild>* poster::guilds = nullptr;
bench::latencies* poster::took = nullptr;

/// In the directory where the program runs: that one is on a disk.
struct place {
  std::filesystem::path path = std::filesystem::current_path() / "durable_bench.tmp";
  place() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~place() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
};

troupe::node_options options_in(const place& where) {
  troupe::node_options o;
  o.log.level = "error";
  o.cluster.path = where.file("cluster");
  o.journal = {"sqlite", where.file("journal.db")};
  return o;
}

struct running {
  troupe::node node;
  troupe::entities<guild> guilds{node};
  explicit running(const place& where) : node(troupe::node::start(options_in(where)).value()) {
    poster::guilds = &guilds;
  }

  /// Seconds that all took.
  double post(std::int64_t commands, int posters, int window, int of, std::int64_t pause_ns = 0) {
    std::vector<troupe::actor_ref<poster>> all;
    for (int i = 0; i < posters; ++i) all.push_back(node.spawn<poster>());
    const bench::stopwatch watch;
    std::vector<troupe::answer<std::int64_t>> done;
    for (int i = 0; i < posters; ++i) {
      done.push_back(all[static_cast<std::size_t>(i)].ask(
          poster::go{commands / posters, window, i * of / posters, of, pause_ns}, 300s));
    }
    for (auto& d : done) (void)d.get().value();
    return watch.elapsed().seconds;
  }
};

/// One write and one fsync of a small file, the median of many.
double fsync_us(const place& where) {
  const int file = ::open(where.file("synced").c_str(), O_CREAT | O_RDWR, 0600);
  std::vector<double> all;
  const std::string page(4096, 'x');
  for (int i = 0; i < 200; ++i) {
    const auto since = clock_type::now();
    if (::pwrite(file, page.data(), page.size(), i * 4096) < 0 || ::fdatasync(file) != 0)
      bench::give_up("a file cannot be synced");
    all.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - since).count());
  }
  ::close(file);
  return bench::percentile(all, 50);
}

/// Rows of the same content, by somebody who has nothing else to do: so many in a transaction.
double insert_rate(const place& where, std::int64_t rows, std::int64_t batch, int guilds) {
  using namespace troupe::sharding;
  const auto path = where.file("plain" + std::to_string(batch) + ".db");
  (void)sqlite_journal::open(path, "plain").value();  // makes the tables
  sqlite::database db{path, 5s};
  db.run("PRAGMA synchronous = FULL");
  sqlite::statement insert{db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"};
  std::vector<std::string> names, keys;
  for (int g = 0; g < guilds; ++g) {
    names.push_back("guild/" + std::to_string(g));
    keys.push_back(key_of(names.back()));
  }
  const bench::stopwatch watch;
  for (std::int64_t done = 0; done < rows; done += batch) {
    sqlite::transaction txn{db, sqlite::transaction::kind::write};
    for (std::int64_t i = done; i < std::min(done + batch, rows); ++i) {
      const auto g = static_cast<std::size_t>(i % guilds);
      insert.again().bind_bytes(keys[g]).bind(i / guilds + 1).bind(i / guilds + 1);
      insert.bind_bytes(names[g]).bind_bytes(words).bind(i).run();
    }
    txn.commit();
  }
  return static_cast<double>(rows) / watch.elapsed().seconds;
}

void commands(long size) {
  const place where;
  bench::latencies took;
  poster::took = &took;
  double best = 0;
  for (const std::int64_t batch : {1'000, 4'000, 16'000})
    best = std::max(best, insert_rate(where, size, batch, 10'000));
  bench::emit("durable_store_insert_rate", best, "rows/s");
  running r{where};
  (void)r.post(20'000, 16, 64, 10'000);  // all are there
  const auto rate = static_cast<double>(size) / r.post(size, 16, 640, 10'000);
  bench::emit("durable_command_rate", rate, "commands/s");
  bench::emit("durable_command_rate_of_store", rate / best, "ratio");
  const auto sync = fsync_us(where);
  bench::emit("durable_fsync", sync, "us");
  took.clear();
  constexpr int posters = 16;
  (void)r.post(size / 2, posters, 1, 10'000, static_cast<std::int64_t>(1e9 / (rate / 2 / posters)));
  took.emit_as("durable_half_load_lat");
}

void alone(long size) {
  const place where;
  bench::latencies took;
  poster::took = &took;
  const auto single = insert_rate(where, std::min(size, 2'000L), 1, 1);
  running r{where};
  (void)r.post(1'000, 1, 64, 1);
  const auto rate = static_cast<double>(size) / r.post(size, 1, 512, 1);
  bench::emit("durable_one_entity_rate", rate, "commands/s");
  bench::emit("durable_one_row_a_commit_rate", single, "rows/s");
  bench::emit("durable_one_entity_of_rows", rate / single, "ratio");
}

double since_us(clock_type::time_point begun) {
  return std::chrono::duration<double, std::micro>(clock_type::now() - begun).count();
}

/// Entities that have a snapshot and 99 events, and are in nobody's memory.
void activation(long size) {
  const place where;
  {
    running r{where};
    troupe::entities<keeper> keepers{r.node};
    std::vector<troupe::answer<std::int64_t>> said;
    for (long e = 0; e < size; ++e) {
      for (int i = 0; i < 199; ++i)
        said.push_back(keepers[std::to_string(e)].ask(guild::say{words}, 60s));
    }
    for (auto& s : said) (void)s.get().value();
  }
  running r{where};
  troupe::entities<keeper> keepers{r.node};
  std::vector<double> asked, read;
  const auto journal = troupe::sharding::sqlite_journal::open(where.file("journal.db"), "troupe");
  for (long e = 0; e < size; ++e) {
    const auto begun = clock_type::now();
    std::atomic<bool> done{false};
    journal.value()->read("keeper/" + std::to_string(e), [&](const auto& found) {
      if (!found || found->last() != 199) bench::give_up("an entity is not whole");
      done = true;
      done.notify_one();
    });
    done.wait(false);
    read.push_back(since_us(begun));
  }
  for (long e = 0; e < size; ++e) {
    const auto begun = clock_type::now();
    if (keepers[std::to_string(e)].ask(guild::size{}, 10s).value() != 199)
      bench::give_up("an entity has forgotten");
    asked.push_back(since_us(begun));
  }
  bench::emit("durable_activation_p50", bench::percentile(asked, 50), "us");
  bench::emit("durable_activation_p99", bench::percentile(asked, 99), "us");
  bench::emit("durable_store_read_p50", bench::percentile(read, 50), "us");
}

void replay(long size) {
  const place where;
  bench::latencies took;
  poster::took = &took;
  {
    running r{where};
    (void)r.post(size, 1, 512, 1);
  }
  running r{where};
  const auto begun = clock_type::now();
  const auto known = r.guilds["0"].ask(guild::size{}, 60s).value();
  bench::emit("durable_replay_rate", static_cast<double>(known) / since_us(begun) * 1e6,
              "events/s");
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_cases(argc, argv,
                          {{"commands", 200'000, commands},
                           {"alone", 100'000, alone},
                           {"activation", 500, activation},
                           {"replay", 1'000'000, replay}});
}
