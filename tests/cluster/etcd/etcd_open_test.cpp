// Opening an etcd that is not there, is none, or does not let us in: one sentence that says what to
// do.
#include "etcd_servers.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

cluster_options at(const std::string& urls) {
  cluster_options options;
  options.name = "c";
  options.store = "etcd";
  options.etcd.endpoints = urls;
  return options;
}

// The sentence with which opening is refused, within a bit more than a second.
std::string refusal(const cluster_options& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto opened = open_store(options);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  if (opened) return "opened";
  const bool expected =
      opened.code() == errc::store_failed || opened.code() == errc::invalid_config;
  EXPECT_TRUE(expected) << to_string(opened.why());
  return opened.why().what;
}

// Listens on loopback, and answers one connection with `answer`; with nothing, says nothing.
class other_server {
 public:
  explicit other_server(std::string answer) : answer_(std::move(answer)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof to;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&to), size);
    ::listen(fd_, 16);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&to), &size);
    port_ = ntohs(to.sin_port);
    if (!answer_.empty()) thread_ = std::thread{[this] { serve(); }};
  }
  ~other_server() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    for (int one = 0; (one = ::accept(fd_, nullptr, nullptr)) >= 0; ::close(one)) {
      char asked[4096];
      if (::read(one, asked, sizeof asked) <= 0) continue;
      if (::write(one, answer_.data(), answer_.size()) < 0) continue;
    }
  }

  const std::string answer_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(OpenEtcd, SaysThatNobodyIsThere) {
  EXPECT_THAT(refusal(at("http://127.0.0.1:1")),
              AllOf(HasSubstr("etcd http://127.0.0.1:1"), HasSubstr("Connection refused")));
  EXPECT_THAT(refusal(at("http://nowhere.invalid:2379")), HasSubstr("not found"));
  const other_server silent{""};
  EXPECT_THAT(refusal(at(silent.url())), HasSubstr("no answer in time"));
}

TEST(OpenEtcd, SaysThatItIsNoEtcd) {
  const auto hint = AllOf(HasSubstr("is this an etcd of version 3.4 or newer"),
                          HasSubstr("cluster.etcd.endpoints"));
  const other_server page{http("404 Not Found", "<html>nothing here")};
  EXPECT_THAT(refusal(at(page.url())), AllOf(hint, HasSubstr("404"), HasSubstr("<html>nothing")));
  const other_server json{http("200 OK", "{\"hello\":1}")};
  EXPECT_THAT(refusal(at(json.url())), HasSubstr("no answer of etcd (it has no header)"));
  const other_server noise{"SSH-2.0-OpenSSH_9.2\r\n"};
  EXPECT_THAT(refusal(at(noise.url())), HasSubstr("no answer (bad version)"));
  const other_server plain{http("200 OK", "{}")};
  EXPECT_THAT(refusal(at("https" + plain.url().substr(4))), HasSubstr("TLS failed"));
}

TEST(OpenEtcd, RefusesSettingsThatCannotBeMeant) {
  cluster_options options = at("https://127.0.0.1:1");
  options.etcd.cert = "/some/cert";
  EXPECT_THAT(refusal(options), HasSubstr("go together"));
  options.etcd.key = "/some/key";
  options.etcd.ca = "/nowhere/ca.pem";
  EXPECT_THAT(refusal(options),
              AllOf(HasSubstr("[cluster.etcd] ca \"/nowhere/ca.pem\""), HasSubstr("PEM")));
  options.etcd.ca = "";
  EXPECT_THAT(refusal(options), HasSubstr("[cluster.etcd] cert \"/some/cert\""));
  EXPECT_THAT(refusal(at("10.0.0.1:2379")), HasSubstr("write http://host:2379"));
}

TEST(OpenEtcd, RefusesALeaseBelowWhatTheServerGrants) {
  const etcd_servers one{1};
  cluster_options options = at(one.urls());
  options.lease = 1s;

  EXPECT_THAT(refusal(options), AllOf(HasSubstr("grants 2 s where 1000 ms"),
                                      HasSubstr("set cluster.lease to \"2s\" or more")));
  options.lease = 2s;
  EXPECT_EQ(refusal(options), "opened");
  options.lease = 2100ms;
  EXPECT_EQ(refusal(options), "opened");
}

class EtcdWithUsers : public testing::Test {
 protected:
  EtcdWithUsers() {
    for (const char* said :
         {"user add root:r", "role add root", "user grant-role root root", "user add reader:secret",
          "role add reader", "role grant-permission reader read --prefix c/",
          "user grant-role reader reader", "user add writer:secret", "role add writer",
          "role grant-permission writer readwrite --prefix c/", "user grant-role writer writer",
          "auth enable"}) {
      one_.ctl(said);
    }
  }
  cluster_options as(const std::string& user, const std::string& password) {
    cluster_options options = at(one_.urls());
    options.etcd.user = user;
    options.etcd.password = password;
    return options;
  }

  // A token that was not used for a second or two is void.
  etcd_servers one_{1, {"--auth-token-ttl", "1"}};
};

TEST_F(EtcdWithUsers, LetsInThoseWhoMayWriteAndSaysWhatOthersLack) {
  EXPECT_EQ(refusal(as("writer", "secret")), "opened");
  EXPECT_THAT(refusal(as("", "")),
              AllOf(HasSubstr("asks for a user"), HasSubstr("set cluster.etcd.user")));
  EXPECT_THAT(refusal(as("writer", "wrong")),
              AllOf(HasSubstr("does not know this user and password"), HasSubstr("\"writer\""),
                    Not(HasSubstr("wrong"))));
  EXPECT_THAT(refusal(as("reader", "secret")),
              AllOf(HasSubstr("could not be written"), HasSubstr("does not let user \"reader\""),
                    HasSubstr("grant-permission")));
  cluster_options other = as("writer", "secret");
  other.name = "d";
  EXPECT_THAT(refusal(other), AllOf(HasSubstr("could not be read"), HasSubstr("does not let")));
}

TEST_F(EtcdWithUsers, LogsInAgainWhenItsTokenIsVoid) {
  const auto store = open_store(as("writer", "secret")).value();
  const revision before = store->read("c/").value().at;

  std::this_thread::sleep_for(2200ms);
  EXPECT_TRUE(store->commit({{}, {{"c/a", "1", 0, false}}}).value());
  std::this_thread::sleep_for(2200ms);
  EXPECT_EQ(store->wait_for_change(before, 10s).value(), before + 1);
}

TEST(OpenEtcd, RefusesAUserWhereAuthenticationIsOff) {
  const etcd_servers one{1};
  cluster_options options = at(one.urls());
  options.etcd.user = "someone";
  options.etcd.password = "x";

  EXPECT_THAT(refusal(options), AllOf(HasSubstr("authentication switched off"),
                                      HasSubstr("remove cluster.etcd.user")));
}

// A certificate authority, and certificates of it for a server on loopback and for a node.
class EtcdWithCertificates : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream{path("ext")} << "subjectAltName=IP:127.0.0.1\n";
    std::ofstream{path("other_ext")} << "subjectAltName=DNS:elsewhere\n";
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca "
        "-keyout ca.key -out ca.pem");
    for (const std::string name : {"server", "node", "other"}) {
      run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
          " -keyout " + name + ".key -out " + name + ".csr");
      run("openssl x509 -req -days 2 -in " + name + ".csr -CA ca.pem -CAkey ca.key " +
          "-CAcreateserial -extfile " + (name == "other" ? "other_ext" : "ext") + " -out " + name +
          ".pem");
    }
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path / name; }
  void run(const std::string& line) {
    const std::string whole = "cd " + folder_.path.string() + " && " + line + " 2>/dev/null";
    ASSERT_EQ(std::system(whole.c_str()), 0) << line;
  }
  [[nodiscard]] std::unique_ptr<etcd_servers> serve(const std::string& name) const {
    return std::make_unique<etcd_servers>(
        1,
        etcd_flags{"--cert-file", path(name + ".pem"), "--key-file", path(name + ".key"),
                   "--client-cert-auth", "--trusted-ca-file", path("ca.pem")},
        "https");
  }
  [[nodiscard]] cluster_options node_at(const std::string& url) const {
    cluster_options options = at(url);
    options.etcd.ca = path("ca.pem");
    options.etcd.cert = path("node.pem");
    options.etcd.key = path("node.key");
    return options;
  }
  // Once it listens.
  std::string settled(const cluster_options& options) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      const std::string said = refusal(options);
      const bool early = said.find("Connection refused") != std::string::npos ||
                         said.find("no answer in time") != std::string::npos ||
                         said.find("transport is closing") != std::string::npos;
      if (!early || std::chrono::steady_clock::now() > until) return said;
      std::this_thread::sleep_for(50ms);
    }
  }

  testing_support::temporary_folder folder_;
};

TEST_F(EtcdWithCertificates, TrustsAndIsTrusted) {
  const auto one = serve("server");
  ASSERT_EQ(settled(node_at(one->urls())), "opened");
  const auto store = open_store(node_at(one->urls())).value();
  const revision before = store->read("c/").value().at;
  EXPECT_TRUE(store->commit({{}, {{"c/a", "1", 0, false}}}).value());
  EXPECT_EQ(store->wait_for_change(before, 10s).value(), before + 1);

  cluster_options without_ca = node_at(one->urls());
  without_ca.etcd.ca.clear();
  EXPECT_THAT(refusal(without_ca), AllOf(HasSubstr("TLS failed"), HasSubstr("verify failed")));
  cluster_options nobody = node_at(one->urls());
  nobody.etcd.cert.clear();
  nobody.etcd.key.clear();
  EXPECT_THAT(refusal(nobody), HasSubstr("certificate"));
}

TEST_F(EtcdWithCertificates, RefusesTheCertificateOfAnotherHost) {
  const auto one = serve("other");

  EXPECT_THAT(settled(node_at(one->urls())),
              AllOf(HasSubstr("TLS failed"), HasSubstr("verify failed")));
}

}  // namespace
}  // namespace troupe::sharding
