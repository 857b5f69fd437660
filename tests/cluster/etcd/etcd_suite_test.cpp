// The suite of all stores, against an etcd of one server that all its cases share.
#include "etcd_servers.hpp"
#include "etcd_store.hpp"
#include "sharding/store_rig.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace troupe::sharding {
namespace {

using std::chrono::nanoseconds;

etcd_servers& server() {
  static etcd_servers one{1};
  return one;
}

std::shared_ptr<coordination_store> handle() {
  etcd_options options;
  options.endpoints = server().url(0);
  return std::make_shared<etcd_store>(options, etcd_client_options(options).value(), "");
}

// etcd's clock cannot be moved: a lease that should end by ours is revoked, by another handle.
class revoked_in_time final : public test_store {
 public:
  revoked_in_time() {
    store_txn all;
    for (const auto& [key, value] : admin_->read("").value().keys) {
      all.writes.push_back({key, "", 0, true});
    }
    admin_->commit(all).value();
  }

  std::shared_ptr<coordination_store> open() override;
  void advance(nanoseconds by) override {
    const std::lock_guard lock{mutex_};
    now_ += by;
    std::erase_if(ends_, [this](const auto& lease) {
      if (lease.second.second > now_) return false;
      admin_->revoke(lease.first).value();
      return true;
    });
  }
  void begin(lease_id lease, nanoseconds ttl) {
    const std::lock_guard lock{mutex_};
    ends_[lease] = {ttl, now_ + ttl};
  }
  void begin_again(lease_id lease) {
    const std::lock_guard lock{mutex_};
    if (ends_.contains(lease)) ends_[lease].second = now_ + ends_[lease].first;
  }

 private:
  std::shared_ptr<coordination_store> admin_ = handle();
  std::mutex mutex_;
  nanoseconds now_{0};
  std::map<lease_id, std::pair<nanoseconds, nanoseconds>> ends_;  // ttl, end
};

class timed final : public coordination_store {
 public:
  explicit timed(revoked_in_time& time) : time_(time) {}

  result<lease_id> grant(std::chrono::milliseconds ttl) override {
    auto lease = store_->grant(std::chrono::minutes{1});
    if (lease) time_.begin(*lease, ttl);
    return lease;
  }
  result<void> renew(lease_id lease) override {
    auto renewed = store_->renew(lease);
    if (renewed) time_.begin_again(lease);
    return renewed;
  }
  result<void> revoke(lease_id lease) override { return store_->revoke(lease); }
  result<bool> commit(const store_txn& txn) override { return store_->commit(txn); }
  result<store_snapshot> read(const std::string& prefix, revision since) override {
    return store_->read(prefix, since);
  }
  result<revision> wait_for_change(revision seen, std::chrono::milliseconds timeout) override {
    return store_->wait_for_change(seen, timeout);
  }
  void interrupt() override { store_->interrupt(); }

 private:
  revoked_in_time& time_;
  std::shared_ptr<coordination_store> store_ = handle();
};

std::shared_ptr<coordination_store> revoked_in_time::open() {
  return std::make_shared<timed>(*this);
}

}  // namespace

std::vector<store_kind> store_kinds() {
  return {{"etcd", [] { return std::make_unique<revoked_in_time>(); }}};
}

}  // namespace troupe::sharding
