#include "simulated_node.hpp"

#include <utility>

namespace troupe::testing {

using namespace std::chrono_literals;
using namespace sharding;

namespace {
constexpr sim_time pause_after_failure = 100ms;
}

void simulated_node::look() {
  if (std::exchange(l_->look_planned, true)) return;
  later([this] {
    l_->asking = true;
    l_->look_planned = false;
    world_->store.read(process_, "c/group/", 0, [this](result<store_snapshot> got) {
      l_->asking = false;
      if (!got) {
        process_.plan(world_->time.now() + pause_after_failure, [this] { look(); });
      } else {
        next({[this] { look_at_records(); }});
        tell(membership_event{store_read{std::move(*got)}});
      }
      run();
    });
  });
}

void simulated_node::look_at_records() {
  l_->asking = true;
  world_->store.read(process_, "c/shards/", l_->seen, [this](result<store_snapshot> got) {
    l_->asking = false;
    if (!got) {
      process_.plan(world_->time.now() + pause_after_failure, [this] { look(); });
      return run();
    }
    l_->seen = got->at;
    records_known known;
    for (const auto& [key, stored] : got->keys) {
      const auto shard = shard_of_key("c/", key);
      const auto record = from_value(stored.value);
      if (shard && record) known.records[*shard] = {*record, stored.modified};
    }
    tell(ownership_event{std::move(known)});
    run();
  });
}

void simulated_node::perform(const grant_lease&) {
  l_->asking = true;
  world_->store.grant(process_, world_->size.lease, [this, sent = now()](result<lease_id> got) {
    l_->asking = false;
    if (got) tell(membership_event{lease_granted{*got, sent}});
    run();
  });
}

void simulated_node::perform(const renew_lease& a) {
  l_->asking = true;
  world_->store.renew(process_, a.lease, [this, sent = now()](const result<void>& got) {
    l_->asking = false;
    if (got) {
      tell(membership_event{lease_renewed{sent}});
    } else if (got.code() == errc::refused) {
      tell(membership_event{lease_refused{}});
    }
    run();
  });
}

void simulated_node::perform(const revoke_lease& a) {
  l_->asking = true;
  world_->store.revoke(process_, a.lease, [this](const result<void>&) {
    l_->asking = false;
    run();
  });
}

void simulated_node::perform(const commit_txn& a) {
  l_->asking = true;
  world_->store.commit(process_, a.txn, [this](const result<bool>& got) {
    l_->asking = false;
    if (got.code() == errc::refused) {
      tell(membership_event{lease_refused{}});
    } else if (!got) {  // what it was for is seen to when the store is read again
      process_.plan(world_->time.now() + pause_after_failure, [this] { look(); });
    }
    run();
  });
}

void simulated_node::perform(const commit_records& a) {
  l_->asking = true;
  world_->store.commit(process_, a.writes, [this, txn = a.txn](const result<bool>& done) {
    l_->asking = false;
    txn_answered answer{txn, txn_outcome::unknown};
    if (done) answer.how = *done ? txn_outcome::done : txn_outcome::refused;
    if (done.code() == errc::refused) answer.how = txn_outcome::refused;
    if (answer.how == txn_outcome::unknown) world_->seen.hit("change of unknown outcome");
    if (answer.how == txn_outcome::refused) world_->seen.hit("change refused");
    tell(ownership_event{answer});
    run();
  });
}

}  // namespace troupe::testing
