#include "gateway_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

using namespace std::chrono_literals;

namespace chat::testing {
namespace {

using GatewayHttp = gateway_fixture;

TEST_F(GatewayHttp, AnswersRequestAfterRequestOnOneConnection) {
  open();
  raw_client client(port);

  const auto first = client.get("/a%20b?x=1+2&y=%26");
  const auto second = client.get("/again");

  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "path=/a b x=1 2 y=&");
  EXPECT_NE(first.head.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_EQ(second.body, "path=/again");
}

TEST_F(GatewayHttp, AnswersPipelinedRequestsInOrder) {
  open();
  raw_client client(port);

  client.write("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(client.read_reply().body, "path=/1");
  EXPECT_EQ(client.read_reply().body, "path=/2");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(GatewayHttp, HeadHasTheLengthAndNoBody) {
  open();
  raw_client client(port);

  client.write("HEAD /x HTTP/1.1\r\n\r\n");

  const auto reply = client.read_reply(false);
  EXPECT_NE(reply.head.find("Content-Length: 7\r\n"), std::string::npos);
  EXPECT_EQ(client.get("/next").body, "path=/next");
}

TEST_F(GatewayHttp, WhatIsNowhereIsAnswered404WithASentence) {
  open();
  raw_client client(port);

  EXPECT_EQ(client.get("/missing").body, R"({"error":"Nothing is at this path."})");
  const auto reply = client.ask_upgrade("/no/such/socket");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"error":"No WebSocket is at this path."})");
}

TEST_F(GatewayHttp, OtherMethodsAreAnswered405WithAllow) {
  open();
  raw_client client(port);

  client.write("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));

  const auto reply = client.read_reply();
  EXPECT_EQ(reply.status, 405);
  EXPECT_NE(reply.head.find("Allow: GET, HEAD\r\n"), std::string::npos);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(GatewayHttp, AClientStillSendingWhenItIsRefusedIsNotReset) {
  open();
  raw_client client(port);
  client.write("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");

  EXPECT_EQ(client.read_reply().status, 405);
  EXPECT_EQ(client.read_to_end(), "");

  for (int n = 0; n < 10; ++n) EXPECT_NO_THROW(client.write(std::string(100'000, 'x')));
}

TEST_F(GatewayHttp, BytesThatAreNotHttpAreAnswered400AndClosed) {
  open();
  for (const std::string garbage :
       {"\x16\x03\x01\x02\x01\x01", "hello world\r\n\r\n", "\r\n\r\nx y",
        "GET %zz HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n"}) {
    raw_client client(port);
    client.write(garbage);
    client.finish_writing();
    EXPECT_EQ(client.read_reply().status, 400) << garbage;
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST_F(GatewayHttp, AHandshakeWithoutItsKeyIsRefused) {
  open();
  raw_client client(port);

  client.write("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

  EXPECT_EQ(client.read_reply().status, 400);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(order, "");  // never opened, so never closed
}

TEST_F(GatewayHttp, AHeaderBeyondEightKibibytesIsRefused) {
  open();
  raw_client client(port), just_fits(port);

  just_fits.write("GET / HTTP/1.1\r\nX: " + std::string(8000, 'x') + "\r\n\r\n");
  client.write("GET / HTTP/1.1\r\nX: " + std::string(8300, 'x') + "\r\n\r\n");

  EXPECT_EQ(just_fits.read_reply().status, 200);
  EXPECT_EQ(client.read_reply().status, 431);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(GatewayHttp, HalfARequestIsClosedAfterTheDeadline) {
  options.request = 1s;
  open();
  raw_client client(port);
  const auto start = std::chrono::steady_clock::now();

  client.write("GET / HTTP/1.1\r\nHost: he");

  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
}

TEST_F(GatewayHttp, BeyondTheConnectionLimitClientsAreTold503) {
  options.connections = 2;
  open();
  auto all = clients(2);

  raw_client third(port);
  const auto reply = third.ask_upgrade("/ws");

  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("\"error\""), std::string::npos);
  EXPECT_EQ(third.read_to_end(), "");
  all[0]->send_frame(8, "\x03\xe8");
  all[0]->read_frame();
  EXPECT_EQ(all[0]->read_to_end(), "");
  all.erase(all.begin());
  eventually([this] { return closed.size() == 1; });
}

TEST_F(GatewayHttp, AnAddressInUseIsASentence) {
  open();
  options.listen = port;

  const auto second = gateway::open(options, {});

  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.code(), troupe::errc::address_in_use);
  EXPECT_EQ(second.why().what,
            "127.0.0.1:" + std::to_string(port.port) +
                " is in use by another process; choose another port with --http");
}

TEST_F(GatewayHttp, AnAddressThatIsNotHereIsASentence) {
  options.listen = {"no host", 1};

  const auto nowhere = gateway::open(options, {});

  EXPECT_EQ(nowhere.code(), troupe::errc::invalid_config);
}

/// Lets this process open no further file, until destroyed.
class no_more_files {
 public:
  explicit no_more_files(int highest) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit now{static_cast<rlim_t>(highest) + 1, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~no_more_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(GatewayHttp, OutOfFileDescriptorsItPausesAndThenGoesOn) {
  open();
  std::vector<int> fillers;  // no hole below the client's descriptor may remain
  for (int fd = ::dup(0); fd < 64; fd = ::dup(0)) fillers.push_back(fd);
  fillers.push_back(::dup(0));
  std::unique_ptr<raw_client> client;
  {
    const no_more_files limit(fillers.back() + 1);
    const auto start = std::chrono::steady_clock::now();
    client = std::make_unique<raw_client>(port);
    client->write("GET / HTTP/1.1\r\n\r\n");
    while (counts().accept_failures < 3 && std::chrono::steady_clock::now() - start < 10s) {
      std::this_thread::yield();
    }
    EXPECT_GE(std::chrono::steady_clock::now() - start, 190ms);  // it paused twice
  }

  EXPECT_EQ(client->read_reply().status, 200);
  EXPECT_GE(counts().accept_failures, 3u);
  EXPECT_LE(counts().accept_failures, 20u);
  for (const int fd : fillers) ::close(fd);
}

}  // namespace
}  // namespace chat::testing
