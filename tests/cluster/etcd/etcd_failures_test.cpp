// An etcd whose servers die, stop or forget: calls recover, waiters are told, leases go on.
#include "etcd_servers.hpp"
#include "etcd_store.hpp"
#include "sharding/store_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

std::shared_ptr<coordination_store> open_on(const std::string& urls) {
  etcd_options options;
  options.endpoints = urls;
  return std::make_shared<etcd_store>(options, etcd_client_options(options).value(), "");
}

// How long until `call` succeeds; fails the test after 10 s. A call may not take much longer than
// it says.
template <class Call>
milliseconds until_done(const Call& call) {
  const auto start = clock::now();
  while (clock::now() - start < 10s) {
    const auto begun = clock::now();
    const auto answer = call();
    EXPECT_LT(clock::now() - begun, 1500ms);
    if (answer) return duration_cast<milliseconds>(clock::now() - start);
    EXPECT_EQ(answer.code(), errc::store_failed) << to_string(answer.why());
  }
  ADD_FAILURE() << "nothing for 10 s";
  return 10s;
}

TEST(EtcdOfOne, EndsALeaseThatIsNotRenewedAndTellsThoseWhoWait) {
  const etcd_servers one{1};
  const auto store = open_on(one.urls());
  const lease_id lease = store->grant(2s).value();
  store->commit(put("mine", "1", lease)).value();
  const revision seen = at(*store);
  const auto start = clock::now();

  revision now = seen;
  while (now == seen && clock::now() - start < 10s) now = store->wait_for_change(seen, 1s).value();

  EXPECT_GT(clock::now() - start, 1500ms);
  EXPECT_TRUE(keys_under(*store, "").empty());
  EXPECT_EQ(store->renew(lease).code(), errc::refused);
  EXPECT_EQ(store->commit(put("a", "1", lease)).code(), errc::refused);
}

TEST(EtcdOfOne, SaysSoWhileItIsGoneAndGoesOnWhenItIsBack) {
  etcd_servers one{1};
  const auto store = open_on(one.urls());
  const lease_id lease = store->grant(10s).value();
  store->commit(put("mine", "1", lease)).value();
  const revision seen = at(*store);
  EXPECT_EQ(store->wait_for_change(seen, 10ms).value(), seen);

  one.kill(0);
  for (const auto& failed :
       {store->read("").code(), store->commit(put("a", "1")).code(), store->renew(lease).code(),
        store->grant(5s).code(), store->revoke(77).code()}) {
    EXPECT_EQ(failed, errc::store_failed);
  }
  const auto told = clock::now();
  const auto waited = store->wait_for_change(seen, 5s);
  EXPECT_EQ(waited.code(), errc::store_failed);
  EXPECT_LT(clock::now() - told, 2s);
  EXPECT_THAT(waited.why().what, AllOf(HasSubstr(one.url(0)), HasSubstr("watched")));

  one.start(0);
  one.wait_ready(0);
  until_done([&] { return store->renew(lease); });
  EXPECT_EQ(value_of(*store, "mine"), "1");
  until_done([&] { return store->wait_for_change(seen, 10ms); });
  std::thread writer{[&one] { open_on(one.urls())->commit(put("b", "1")).value(); }};
  const auto woken = store->wait_for_change(seen, 10s);
  writer.join();
  EXPECT_GT(woken.value(), seen);
}

TEST(EtcdOfOne, TellsOfChangesThatItForgotBeforeSomebodyAsked) {
  const etcd_servers one{1};
  const auto store = open_on(one.urls());
  for (const char* value : {"1", "2", "3"}) store->commit(put("a", value)).value();
  const revision now = at(*store);
  one.ctl("compaction " + std::to_string(now));
  etcd_options options;
  options.endpoints = one.urls();
  etcd::client client{etcd_client_options(options).value()};

  etcd::watch late{client, "", 1};  // as after a connection that was lost at revision 1

  EXPECT_EQ(late.wait(1, 10s).value(), now);
  store->commit(put("a", "4")).value();
  EXPECT_EQ(late.wait(now, 10s).value(), now + 1);
}

TEST(EtcdOfOne, NoticesThatItWasRestoredFromABackup) {
  etcd_servers one{1};
  const auto store = open_on(one.urls());
  for (int i = 0; i < 20; ++i) store->commit(put("a", std::to_string(i))).value();
  const revision seen = at(*store);
  EXPECT_EQ(store->wait_for_change(seen, 100ms).value(), seen);

  one.kill(0);
  one.forget(0);
  one.start(0);
  one.wait_ready(0);

  revision now = seen;
  until_done([&]() -> result<void> {
    const auto answer = store->wait_for_change(seen, 5s);
    if (answer) now = *answer;
    return answer && now != seen ? result<void>{} : result<void>{errc::store_failed, "not yet"};
  });
  EXPECT_LT(now, seen);
  EXPECT_TRUE(keys_under(*store, "").empty());
  std::thread writer{[&one] { open_on(one.urls())->commit(put("b", "1")).value(); }};
  const auto woken = store->wait_for_change(now, 10s);
  writer.join();
  EXPECT_GT(woken.value(), now);
}

class EtcdOfThree : public testing::Test {
 protected:
  etcd_servers three_{3};
  std::shared_ptr<coordination_store> store_ = open_on(three_.urls());
};

TEST_F(EtcdOfThree, ServesThroughAnyServerAndTellsWatchersOfAllOthers) {
  for (std::size_t i = 0; i < three_.count(); ++i) {
    const auto through = open_on(three_.url(i));
    const revision seen = at(*through);
    through->commit(put("key" + std::to_string(i), "1")).value();
    EXPECT_EQ(open_on(three_.url((i + 1) % 3))->wait_for_change(seen, 10s).value(), seen + 1);
    EXPECT_EQ(keys_under(*open_on(three_.url((i + 2) % 3)), "").size(), i + 1);
  }
}

TEST_F(EtcdOfThree, RecoversWhenTheLeaderIsKilledAndItsLeasesGoOn) {
  const lease_id lease = store_->grant(3s).value();
  store_->commit(put("mine", "1", lease)).value();
  const revision seen = at(*store_);
  EXPECT_EQ(store_->wait_for_change(seen, 100ms).value(), seen);
  const auto granted = clock::now();

  three_.kill(three_.leader());

  const auto read = until_done([&] { return store_->read(""); });
  const auto renewed = until_done([&] { return store_->renew(lease); });
  const auto written = until_done([&] { return store_->commit(put("a", "1")); });
  std::cout << "[ figures  ] leader killed: reads again after " << read.count() << " ms, renews +"
            << renewed.count() << " ms, writes +" << written.count() << " ms\n";
  EXPECT_EQ(value_of(*store_, "mine"), "1");
  until_done([&] { return store_->wait_for_change(seen, 1s); });

  // Longer than its time: what renews it is the new leader.
  while (clock::now() - granted < 4s) {
    ASSERT_TRUE(store_->renew(lease).ok());
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_EQ(value_of(*store_, "mine"), "1");
  EXPECT_LT(read + renewed + written, 8s);
}

TEST_F(EtcdOfThree, LosesNoIncrementWhileServersDieAndComeBack) {
  std::atomic<bool> over{false};
  std::atomic<int> added = 0, unknown = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, store = open_on(three_.urls())] {
      while (!over) {
        const auto now = store->read("n");
        if (!now) continue;
        const auto found = now->keys.find("n");
        const bool there = found != now->keys.end();
        const int value = there ? std::stoi(found->second.value) : 0;
        const auto done = store->commit(
            put_if("n", there ? found->second.modified : 0, std::to_string(value + 1)));
        if (done && *done) ++added;
        if (!done) ++unknown;
      }
    });
  }
  for (std::size_t round = 0; round < 2; ++round) {
    std::this_thread::sleep_for(300ms);
    three_.kill(round);
    std::this_thread::sleep_for(300ms);
    three_.start(round);
    three_.wait_ready(round);
  }
  over = true;
  for (auto& t : threads) t.join();

  until_done([&] { return store_->read("n"); });
  const int counted = std::stoi(value_of(*store_, "n"));
  std::cout << "[ figures  ] " << added << " added, " << unknown << " of unknown outcome, counted "
            << counted << '\n';
  EXPECT_GE(counted, added);
  EXPECT_LE(counted, added + unknown);
  EXPECT_GT(added, 20);
}

TEST_F(EtcdOfThree, TellsOfChangesAlsoWhenTheWatchedServerIsStopped) {
  const auto watcher = open_on(three_.urls());  // listens at the first
  const revision seen = at(*watcher);
  EXPECT_EQ(watcher->wait_for_change(seen, 100ms).value(), seen);
  three_.send(0, SIGSTOP);
  until_done([&] { return store_->commit(put("a", "1")); });

  const auto start = clock::now();
  revision now = seen;
  while (now == seen && clock::now() - start < 15s) {
    if (const auto answer = watcher->wait_for_change(seen, 1s)) now = *answer;
  }
  three_.send(0, SIGCONT);

  const auto took = duration_cast<milliseconds>(clock::now() - start);
  std::cout << "[ figures  ] watched server stopped: told after " << took.count() << " ms\n";
  EXPECT_GT(now, seen);
  EXPECT_LT(took, etcd::watch::longest_silence + 3s);
}

}  // namespace
}  // namespace troupe::sharding
