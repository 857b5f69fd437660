#include "etcd_json.hpp"

#include "base64.hpp"
#include "seed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace troupe::sharding::etcd {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// Answers that etcd 3.4.23 gave.
const std::string header =
    R"("header":{"cluster_id":"6930805681439470907","member_id":"9265619892315062708",)"
    R"("revision":"2","raft_term":"2"})";
const std::string range_answer =
    '{' + header +
    R"(,"kvs":[{"key":"Yg==","create_revision":"2","mod_revision":"2","version":"1"},)"
    R"({"key":"Yw==","create_revision":"2","mod_revision":"1","version":"1","value":"AP8=",)"
    R"("lease":"122901235424411402"}],"count":"2"})";
const std::string grant_answer = '{' + header + R"(,"ID":"122901235424411402","TTL":"2"})";
const std::string watch_answer =
    R"({"result":{)" + header +
    R"(,"events":[{"kv":{"key":"Yg==","create_revision":"2","mod_revision":"2","version":"1"}}]}})";

template <class T>
std::string complaint(const result<T>& answer) {
  if (answer) return "understood";
  EXPECT_EQ(answer.code(), errc::malformed);
  return answer.why().what;
}

TEST(EtcdJson, AsksForAPrefixAndForWhatChangedInIt) {
  EXPECT_EQ(range_request("c/", 0), R"({"key":"Yy8=","range_end":"YzA="})");
  EXPECT_EQ(range_request("c/", 7), R"({"key":"Yy8=","range_end":"YzA=","min_mod_revision":"8"})");
  EXPECT_EQ(range_request("", 0), R"({"key":"AA==","range_end":"AA=="})");
  EXPECT_EQ(range_request("\xff", 0), R"({"key":"/w==","range_end":"AA=="})");
}

TEST(EtcdJson, WritesATransactionWithTheLastWriteOfEachKey) {
  const store_txn txn{{{"a", 3}}, {{"b", "1", 0, false}, {"c", "", 0, true}, {"b", "2", 5, false}}};

  EXPECT_EQ(txn_request(txn).value(),
            R"({"compare":[{"key":"YQ==","target":"MOD","mod_revision":"3"}],"success":[)"
            R"({"request_put":{"key":"Yg==","value":"Mg==","lease":"5"}},)"
            R"({"request_delete_range":{"key":"Yw=="}}]})");
}

TEST(EtcdJson, RefusesWhatIsMoreThanEtcdTakesInOneTransaction) {
  store_txn txn;
  for (std::size_t i = 0; i < most_operations; ++i) {
    txn.writes.push_back({std::to_string(i), "1", 0, false});
    txn.conditions.push_back({std::to_string(i), 0});
  }
  EXPECT_TRUE(txn_request(txn).ok());
  store_txn more_writes = txn;
  more_writes.writes.push_back({"one more", "1", 0, false});
  txn.conditions.push_back({"one more", 0});

  for (const store_txn& large : {more_writes, txn}) {
    const auto refused = txn_request(large);
    ASSERT_EQ(refused.code(), errc::too_large);
    EXPECT_THAT(refused.why().what, AllOf(HasSubstr("129"), HasSubstr("128")));
  }
}

TEST(EtcdJson, RefusesKeysWithoutAName) {
  EXPECT_EQ(txn_request({{}, {{"", "1", 0, false}}}).code(), errc::refused);
  EXPECT_EQ(txn_request({{{"", 0}}, {}}).code(), errc::refused);
}

TEST(EtcdJson, QuotesNamesAndPasswords) {
  EXPECT_EQ(login_request("a\"b", "\\\n"), R"({"name":"a\"b","password":"\\\n"})");
}

TEST(EtcdJson, ReadsWhatEtcdAnswers) {
  const store_snapshot keys = parse_range(range_answer).value();
  EXPECT_EQ(keys.at, 2u);
  EXPECT_EQ(keys.keys.at("b"), (stored_value{"", 2, 0}));
  EXPECT_EQ(keys.keys.at("c"), (stored_value{{"\0\xff", 2}, 1, 122901235424411402}));

  EXPECT_FALSE(parse_txn('{' + header + '}').value());
  EXPECT_TRUE(parse_txn('{' + header + R"(,"succeeded":true})").value());
  EXPECT_EQ(parse_grant(grant_answer).value().lease, 122901235424411402u);
  EXPECT_EQ(parse_grant(grant_answer).value().ttl, 2s);
  EXPECT_EQ(parse_time_left(R"({"result":{)" + header + R"(,"ID":"7"}})").value(), 0s);
  EXPECT_EQ(parse_time_left('{' + header + R"(,"ID":"7","TTL":"-1"})").value(), -1s);
  EXPECT_EQ(parse_token('{' + header + R"(,"token":"NEOCtwoySUVtunAd.27"})").value(),
            "NEOCtwoySUVtunAd.27");
}

TEST(EtcdJson, ReadsTheLinesOfAWatch) {
  EXPECT_EQ(parse_watch(watch_answer).value(), (watch_line{2, false, false, 0, ""}));
  EXPECT_EQ(parse_watch(R"({"result":{)" + header + R"(,"created":true}})").value(),
            (watch_line{2, true, false, 0, ""}));
  EXPECT_EQ(
      parse_watch(R"({"result":{"header":{},"canceled":true,"compact_revision":"4"}})").value(),
      (watch_line{0, false, true, 4, ""}));
}

TEST(EtcdJson, ReadsRefusals) {
  EXPECT_EQ(parse_refusal(R"({"error":"x","message":"etcdserver: invalid auth token","code":16})"),
            (refusal{16, "etcdserver: invalid auth token"}));
  EXPECT_EQ(parse_refusal(R"({"error":{"grpc_code":14,"http_code":503,"message":"no leader"}})"),
            (refusal{14, "no leader"}));
  EXPECT_EQ(parse_refusal("<html>\x01 nginx"), (refusal{0, "<html>? nginx"}));
  EXPECT_EQ(parse_refusal(""), (refusal{0, "an empty answer"}));
  EXPECT_EQ(parse_refusal(R"({"message":"m","code":99999999999})").code, 2);
}

TEST(EtcdJson, SaysWhyAnAnswerIsNone) {
  const auto range = [](const std::string& kvs) {
    return complaint(parse_range('{' + header + R"(,"kvs":)" + kvs + '}'));
  };
  EXPECT_THAT(complaint(parse_range("")), HasSubstr("not JSON"));
  EXPECT_THAT(complaint(parse_range("[]")), HasSubstr("not an object"));
  EXPECT_THAT(complaint(parse_range("{}")), HasSubstr("no header"));
  EXPECT_THAT(complaint(parse_range(R"({"header":7})")), HasSubstr("header is not an object"));
  EXPECT_THAT(complaint(parse_range(R"({"header":{"revision":"-1"}})")), HasSubstr("negative"));
  EXPECT_THAT(complaint(parse_range(R"({"header":{"revision":"9223372036854775808"}})")),
              HasSubstr("revision is not a number of 64 bits"));
  EXPECT_THAT(complaint(parse_range('{' + header + R"(,"more":true})")), HasSubstr("cut short"));
  EXPECT_THAT(range("{}"), HasSubstr("kvs is not an array"));
  EXPECT_THAT(range("[7]"), HasSubstr("an entry of kvs"));
  EXPECT_THAT(range(R"([{"key":"YQ==","value":"!"}])"), HasSubstr("value is not base64"));
  EXPECT_THAT(range(R"([{"key":"YQ=="}])"), HasSubstr("no revision"));
  EXPECT_THAT(range(R"([{"key":"YQ==","mod_revision":1},{"key":"YQ==","mod_revision":"2"}])"),
              HasSubstr("comes twice"));
  EXPECT_THAT(complaint(parse_txn('{' + header + R"(,"succeeded":1})")), HasSubstr("neither"));
  EXPECT_THAT(complaint(parse_grant('{' + header + R"(,"TTL":"5"})")), HasSubstr("no id"));
  EXPECT_THAT(complaint(parse_token('{' + header + R"(,"token":"a\r\nHost: b"})")),
              HasSubstr("no token"));
  EXPECT_THAT(complaint(parse_watch(R"({"error":{"message":"m"}})")), HasSubstr("no result"));
}

TEST(EtcdJson, ComplainsInOneShortLine) {
  const std::string long_one = "{\"a\":\"" + std::string(1 << 20, '\n');
  const std::string said = complaint(parse_range(long_one));
  EXPECT_LT(said.size(), 400u);
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

TEST(EtcdJson, WithstandsDeepAndHugeAnswers) {
  EXPECT_NE(complaint(parse_range(std::string(1 << 20, '['))), "understood");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_NE(complaint(parse_watch(deep)), "understood");
  EXPECT_NE(complaint(parse_grant('{' + header + R"(,"ID":1e400})")), "understood");
}

// A change of one byte, a cut, a piece twice: of each true answer, many.
TEST(EtcdJson, AnswersSomethingToWhateverIsMadeOfItsAnswers) {
  std::mt19937_64 random = testing_support::seeded_random();
  const std::vector<std::string> whole = {range_answer, grant_answer, watch_answer};
  const std::string spice = "{}[]\",:-0919eE.tfn\\u\x00\xff ";
  const auto below = [&random](std::size_t end) { return random() % end; };
  for (int round = 0; round < 30'000; ++round) {
    std::string text = whole[below(whole.size())];
    for (std::size_t changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = spice[below(spice.size())]; break;
        case 1: text.erase(at, below(8)); break;
        case 2: text.resize(at); break;
        default: text.insert(at, text.substr(below(text.size()), below(16)));
      }
    }
    if (const auto keys = parse_range(text)) {
      for (const auto& [key, value] : keys->keys) ASSERT_NE(value.modified, 0u) << text;
    }
    if (const auto lease = parse_grant(text)) {
      ASSERT_TRUE(lease->lease != 0 && lease->ttl > 0s) << text;
    }
    if (const auto line = parse_watch(text)) {
      ASSERT_EQ(line->why.find('\n'), std::string::npos);
    }
    ASSERT_FALSE(parse_refusal(text).message.empty());
    static_cast<void>(parse_txn(text).ok() || parse_time_left(text).ok() || parse_token(text).ok());
  }
}

}  // namespace
}  // namespace troupe::sharding::etcd
