#include <troupe/sharding.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct note {
  static constexpr auto name = "note";
  struct get {};
  using protocol = troupe::protocol<int(get)>;
  int on(get) { return ++asked; }
  int asked = 0;
};

bool eventually(const std::function<bool()>& holds) {
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < give_up) {
    if (holds()) return true;
    std::this_thread::yield();
  }
  return false;
}

/// The coordination store, taken away by holding the lock on its file.
class store_lock {
 public:
  explicit store_lock(const std::filesystem::path& file) {
    sqlite3_open(file.c_str(), &db_);
    sqlite3_busy_timeout(db_, 5000);
    held_ = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  ~store_lock() {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(db_);
  }
  store_lock(const store_lock&) = delete;
  store_lock& operator=(const store_lock&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  sqlite3* db_ = nullptr;
  bool held_ = false;
};

TEST(Lease, ANodeThatCannotRenewServesNothingAndComesBackAsANewIncarnation) {
  const auto file =
      std::filesystem::temp_directory_path() / ("lease-" + std::to_string(getpid()) + ".db");
  node_options options;
  options.cluster.store = "sqlite";
  options.cluster.path = file.string();
  options.cluster.lease = 500ms;
  options.log.level = "off";
  {
    auto node = node::start(options).value();
    const entities<note> notes{node};
    const auto it = notes["it"];
    const auto first = cluster{node}.status().members.front().incarnation;
    ASSERT_EQ(it.ask(note::get{}, 5s).value(), 1);
    ASSERT_EQ(it.ask(note::get{}, 5s).value(), 2);
    {
      const store_lock away{file};
      ASSERT_TRUE(away.held());
      EXPECT_TRUE(eventually([&] { return !cluster{node}.status().serving; }));
      EXPECT_FALSE(it.ask(note::get{}, 100ms).get());
      EXPECT_EQ(it.tell(note::get{}), errc::ok) << "it waits";
    }

    EXPECT_EQ(it.ask(note::get{}, 10s).value(), 2)
        << "of a new life, which the other message began";
    EXPECT_NE(cluster{node}.status().members.front().incarnation, first);
  }
  for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
}

}  // namespace
}  // namespace troupe
