// Coordination stores for tests: of each kind, in a folder of their own, under virtual time.
#pragma once

#include "memory_store.hpp"
#include "sqlite_store.hpp"
#include "temporary_folder.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::sharding {

using testing_support::temporary_folder;

/// One store for the suite of all; each `open` is another handle on it. Leases end by `advance`.
class test_store {
 public:
  virtual ~test_store() = default;
  virtual std::shared_ptr<coordination_store> open() = 0;
  virtual void advance(std::chrono::nanoseconds by) = 0;
};

/// What the suite is run against: each program of tests says.
struct store_kind {
  std::string name;
  std::function<std::unique_ptr<test_store>()> make;  ///< an empty one
};
std::vector<store_kind> store_kinds();

/// The stores that take a clock of ours.
class store_rig final : public test_store {
 public:
  explicit store_rig(std::string kind) : kind_(std::move(kind)) {}

  [[nodiscard]] lease_clock clock(const std::string& boot = "boot") {
    return {[this] { return std::chrono::nanoseconds{now_.load()}; }, boot};
  }
  void advance(std::chrono::nanoseconds by) override { now_ += by.count(); }

  [[nodiscard]] std::string file() const { return (folder_.path / "store.db").string(); }

  std::shared_ptr<coordination_store> open() override {
    if (kind_ == "sqlite") return open_file().value();
    if (!space_) space_ = std::make_shared<memory_space>(clock());
    return std::make_shared<memory_store>(space_);
  }

  result<std::shared_ptr<coordination_store>> open_file(const std::string& boot = "boot") {
    return sqlite_store::open(file(), std::chrono::milliseconds{5}, clock(boot));
  }

 private:
  std::string kind_;
  temporary_folder folder_;
  std::atomic<std::int64_t> now_{1'000'000'000};
  std::shared_ptr<memory_space> space_;
};

inline store_txn put(const std::string& key, const std::string& value, lease_id lease = 0) {
  return {{}, {{key, value, lease, false}}};
}
inline store_txn put_if(const std::string& key, revision modified, const std::string& value) {
  return {{{key, modified}}, {{key, value, 0, false}}};
}
inline revision at(coordination_store& store) {
  return store.read("").value().at;
}
inline std::string value_of(coordination_store& store, const std::string& key) {
  return store.read(key).value().keys.at(key).value;
}
inline std::vector<std::string> keys_under(coordination_store& store, const std::string& prefix) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : store.read(prefix).value().keys) keys.push_back(key);
  return keys;
}

}  // namespace troupe::sharding
