// What only a store in a file does: other processes, other boots, and files that are not stores.
#include "store_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe::sharding {

std::vector<store_kind> store_kinds() {
  return {{"memory", [] { return std::make_unique<store_rig>("memory"); }},
          {"sqlite", [] { return std::make_unique<store_rig>("sqlite"); }}};
}

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

class StoreFile : public testing::Test {
 protected:
  // The sentence with which opening the file is refused.
  std::string refusal() {
    const auto opened = rig_.open_file();
    if (opened) return "opened";
    EXPECT_EQ(opened.code(), errc::store_failed);
    return opened.why().what;
  }

  void write_file(const std::string& content) { std::ofstream{rig_.file()} << content; }
  std::string read_file() const {
    std::ifstream file{rig_.file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  void run_sql(const char* sql) { sqlite::database{rig_.file(), 1s}.run(sql); }

  store_rig rig_{"sqlite"};
};

TEST_F(StoreFile, CarriesChangesToAndFromAnotherProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    char go = 0;
    const bool told = ::read(ready[0], &go, 1) == 1;
    auto store = rig_.open_file();
    const bool seen = told && store && (*store)->read("from-parent").value().keys.size() == 1;
    const bool wrote = seen && (*store)->commit(put("from-child", "1")).value();
    _exit(wrote ? 0 : 1);
  }
  const auto store = rig_.open();
  store->commit(put("from-parent", "1")).value();
  const revision seen = at(*store);
  ASSERT_EQ(::write(ready[1], "g", 1), 1);

  EXPECT_EQ(store->wait_for_change(seen, 20s).value(), seen + 1);
  EXPECT_EQ(value_of(*store, "from-child"), "1");

  int status = 1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(StoreFile, KeepsEverythingWhenAllHandlesAreGone) {
  rig_.open()->commit(put("a", "1")).value();
  const lease_id lease = rig_.open()->grant(1ms).value();
  rig_.advance(1s);

  const auto store = rig_.open();
  EXPECT_EQ(value_of(*store, "a"), "1");
  EXPECT_GT(store->grant(1s).value(), lease);
}

TEST_F(StoreFile, MayBeCreatedByManyAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const std::string file = rig_.file() + std::to_string(round);
    std::atomic<int> opened = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([this, &file, &opened] {
        const auto store = sqlite_store::open(file, 5ms, rig_.clock());
        if (store && (*store)->commit(put("a", "1")).ok()) ++opened;
      });
    }
    for (auto& t : threads) t.join();

    ASSERT_EQ(opened, 6);
  }
}

TEST_F(StoreFile, EndsTheLeasesOfAnEarlierBoot) {
  const auto before = rig_.open_file("first boot").value();
  const lease_id lease = before->grant(1h).value();
  before->commit(put("mine", "1", lease)).value();
  const revision seen = at(*before);

  const auto after = rig_.open_file("second boot").value();
  EXPECT_GT(after->wait_for_change(seen, 20s).value(), seen);
  EXPECT_TRUE(keys_under(*after, "").empty());
  EXPECT_EQ(after->renew(lease).code(), errc::refused);
}

TEST_F(StoreFile, EndsLeasesByTheMachinesClock) {
  cluster_options options;
  options.store = "sqlite";
  options.path = rig_.file();
  const auto store = open_store(options).value();
  store->commit(put("mine", "1", store->grant(30ms).value())).value();
  const revision seen = at(*store);

  store->wait_for_change(seen, 20s).value();

  EXPECT_TRUE(keys_under(*store, "").empty());
}

TEST_F(StoreFile, SaysStoreFailedWhenAnotherProcessHoldsTheLock) {
  const auto store = rig_.open();
  sqlite::database other{rig_.file(), 1s};
  const sqlite::transaction held{other, sqlite::transaction::kind::write};
  const auto start = std::chrono::steady_clock::now();

  const auto answer = store->commit(put("a", "1"));

  ASSERT_EQ(answer.code(), errc::store_failed);
  EXPECT_THAT(answer.why().what, AllOf(HasSubstr(rig_.file()), HasSubstr("database is locked")));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_TRUE(store->read("").ok());
}

TEST_F(StoreFile, RefusesADatabaseOfAnotherProgramAndLeavesItAlone) {
  run_sql("CREATE TABLE people (name TEXT)");
  const std::string before = read_file();

  EXPECT_THAT(refusal(), AllOf(HasSubstr(rig_.file()), HasSubstr("database of another program")));
  EXPECT_EQ(read_file(), before);
}

TEST_F(StoreFile, RefusesWhatIsNoDatabase) {
  write_file("[cluster]\nname = \"a configuration, by mistake\"\n" + std::string(1000, 'x'));

  EXPECT_THAT(refusal(), AllOf(HasSubstr(rig_.file()), HasSubstr("not a database")));
}

TEST_F(StoreFile, RefusesANewerFormat) {
  rig_.open();
  run_sql("PRAGMA user_version = 2");

  EXPECT_THAT(refusal(),
              AllOf(HasSubstr(rig_.file()), HasSubstr("format 2"), HasSubstr("format 1")));
}

TEST_F(StoreFile, IsReadByWhatChangedAlsoWhenAnOlderProgramWroteIt) {
  rig_.open()->commit(put("a", "1")).value();
  run_sql("DROP INDEX keys_by_modified");

  EXPECT_EQ(rig_.open()->read("", 0).value().keys.size(), 1u);
  EXPECT_TRUE(rig_.open()->read("", 1).value().keys.empty());
}

TEST_F(StoreFile, RefusesADamagedFile) {
  {
    const auto store = rig_.open();
    for (int i = 0; i < 500; ++i) {
      store->commit(put("key" + std::to_string(i), std::string(100, 'v'))).value();
    }
  }
  std::string bytes = read_file();
  ASSERT_GT(bytes.size(), 5u * 4096);
  std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');  // all pages but the first
  write_file(bytes);

  EXPECT_THAT(refusal(), HasSubstr(rig_.file()));
  EXPECT_THAT(refusal(), testing::AnyOf(HasSubstr("damaged"), HasSubstr("malformed")));
}

TEST_F(StoreFile, RefusesADirectoryAndAMissingOne) {
  std::filesystem::create_directory(rig_.file());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(rig_.file()), HasSubstr("it is a directory")));

  const auto missing = sqlite_store::open("/nowhere/at/all/x.db", 5ms);
  ASSERT_EQ(missing.code(), errc::store_failed);
  EXPECT_THAT(missing.why().what, HasSubstr("there is no directory /nowhere/at/all"));
}

TEST_F(StoreFile, RefusesAFileThatCannotBeWritten) {
  using std::filesystem::perms;
  rig_.open();
  const auto file = std::filesystem::path{rig_.file()};
  std::filesystem::permissions(file, perms::owner_read | perms::group_read | perms::others_read);
  std::filesystem::permissions(file.parent_path(),
                               perms::owner_all | perms::group_exec | perms::others_exec);
  const uid_t me = geteuid();
  const uid_t other = me == 0 ? 65534 : me;  // nothing is read-only for root
  ASSERT_EQ(seteuid(other), 0);
  const std::string said = refusal();
  ASSERT_EQ(seteuid(me), 0);

  EXPECT_THAT(said, AllOf(HasSubstr(rig_.file()), HasSubstr("cannot be written")));
}

TEST(OpenStore, SharesMemoryStoresOfOnePathAndNoOther) {
  cluster_options options;
  options.path = "one";
  const auto a = open_store(options).value();
  const auto b = open_store(options).value();
  options.path = "two";
  const auto c = open_store(options).value();
  a->commit(put("k", "1")).value();

  EXPECT_EQ(value_of(*b, "k"), "1");
  EXPECT_TRUE(keys_under(*c, "").empty());
}

TEST(OpenStore, NamesTheKindsItKnows) {
  cluster_options options;
  options.store = "postgres";

  const auto opened = open_store(options);
  ASSERT_EQ(opened.code(), errc::invalid_config);
  EXPECT_THAT(opened.why().what, AllOf(HasSubstr("\"postgres\""), HasSubstr("\"sqlite\"")));
}

}  // namespace
}  // namespace troupe::sharding
