#include "gateway.hpp"

#include "gateway_fixture.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

using namespace std::chrono_literals;

namespace chat::testing {
namespace {

using Gateway = gateway_fixture;

TEST_F(Gateway, EchoesWhatAClientSays) {
  open();
  auto all = clients(1);
  on_text = [this](const std::string& text) {
    connections[0]->send(make_frame("you said " + text));
  };

  all[0]->text("hello");

  const auto answer = all[0]->read_frame();
  EXPECT_EQ(answer.opcode, 1);
  EXPECT_EQ(answer.payload, "you said hello");
}

TEST_F(Gateway, TellsTheTargetOfTheUpgrade) {
  open();
  raw_client client(port);

  client.upgrade("/ws/guilds/caf%C3%A9?x=1");

  eventually([this] { return connections.size() == 1; });
  EXPECT_EQ(connections[0]->target(), "/ws/guilds/café");
}

TEST_F(Gateway, AFrameForManyArrivesAtEachInOrder) {
  open();
  auto all = clients(50);

  for (int n = 0; n < 100; ++n) {
    const auto frame = make_frame("frame " + std::to_string(n));
    for (const auto& to : connections) EXPECT_TRUE(to->send(frame));
  }

  for (auto& client : all) {
    for (int n = 0; n < 100; ++n) {
      ASSERT_EQ(client->read_frame().payload, "frame " + std::to_string(n));
    }
  }
}

TEST_F(Gateway, ManyFramesFromManyThreadsArriveInOrderWithFarFewerWrites) {
  constexpr int threads = 4, frames = 250;
  open();
  auto all = clients(100);

  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t) {
    senders.emplace_back([this, t] {
      for (int n = 0; n < frames; ++n) {
        const auto frame = make_frame(std::to_string(t) + " " + std::to_string(n));
        for (const auto& to : connections) to->send(frame);
      }
    });
  }
  for (auto& sender : senders) sender.join();

  for (auto& client : all) {
    std::map<int, int> next;
    for (int i = 0; i < threads * frames; ++i) {
      const auto text = client->read_frame().payload;
      const int from = std::stoi(text);
      ASSERT_EQ(text, std::to_string(from) + " " + std::to_string(next[from]++));
    }
  }
  const auto writes = counts().writes.load();
  RecordProperty("writes", std::to_string(writes));
  EXPECT_LT(writes, 100'000 / 4);
}

TEST_F(Gateway, AFanOutCostsOneWakeAndOneWriteAConnection) {
  options.ping = 10min;  // a ping would be a write of its own
  options.silence = 20min;
  open();
  auto all = clients(100);
  std::promise<void> held, go;
  on_text = [&held, &go](const std::string&) {
    held.set_value();
    go.get_future().wait_for(20s);
  };
  all[0]->text("hold the loop");
  ASSERT_EQ(held.get_future().wait_for(20s), std::future_status::ready);
  const auto wakes = counts().wakes.load(), writes = counts().writes.load();

  for (int n = 0; n < 50; ++n) {
    for (const auto& to : connections) to->send(make_frame("one of fifty"));
  }
  EXPECT_EQ(counts().wakes - wakes, 1u);
  go.set_value();
  for (auto& client : all) {
    for (int n = 0; n < 50; ++n) ASSERT_EQ(client->read_frame().payload, "one of fifty");
  }

  // The last write is counted when it is back, which may be after its bytes have arrived.
  eventually([&] { return counts().writes - writes >= 100; });
  EXPECT_EQ(counts().writes - writes, 100u);
}

TEST_F(Gateway, AClientThatDoesNotReadIsCutOffAtTheBoundAndSlowsNobody) {
  options.backlog_bytes = 64 << 10;
  open();
  raw_client lazy(port, 4096), reader(port);
  lazy.upgrade();
  eventually([this] { return connections.size() == 1; });
  reader.upgrade();
  eventually([this] { return connections.size() == 2; });

  const std::string padding(1000, '.');
  int sent = 0;
  while (sent < 1000 && connections[0]->send(make_frame(std::to_string(sent) + padding))) {
    connections[1]->send(make_frame(std::to_string(sent) + padding));
    ASSERT_EQ(reader.read_frame().payload, std::to_string(sent++) + padding);
  }

  EXPECT_GT(sent, 64);   // the backlog was used,
  EXPECT_LT(sent, 600);  // and with what the kernel held it was not much more
  eventually([this] { return closed[connections[0].get()] == 1; });
  EXPECT_FALSE(connections[0]->send(make_frame("too late")));
  connections[1]->send(make_frame("still here"));
  EXPECT_EQ(reader.read_frame().payload, "still here");
  int seen = 0;
  auto frame = lazy.read_frame();
  for (; frame.opcode == 1; frame = lazy.read_frame()) {
    ASSERT_EQ(frame.payload, std::to_string(seen++) + padding);
  }
  EXPECT_LT(seen, sent);
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.close_code(), 1013);
}

TEST_F(Gateway, AFloodOfPingsFromAClientThatDoesNotReadIsBoundedToo) {
  options.backlog_bytes = 8 << 10;
  open();
  raw_client client(port, 4096);
  client.upgrade();

  for (int n = 0; n < 20'000; ++n) client.send_frame(9, std::string(125, 'p'));

  eventually([this] { return closed.size() == 1; });
}

TEST_F(Gateway, FragmentsAreOneMessage) {
  open();
  auto all = clients(1);

  all[0]->send_frame(1, "one ", false);
  all[0]->send_frame(9, "between");
  all[0]->send_frame(0, "two ", false);
  all[0]->send_frame(0, "three", true);

  eventually([this] { return texts.size() == 1; });
  EXPECT_EQ(texts[0], "one two three");
  EXPECT_EQ(all[0]->read_frame().payload, "between");
}

TEST_F(Gateway, BinaryIsReceivedLikeText) {
  open();
  auto all = clients(1);

  all[0]->send_frame(2, "\xff\x01");

  eventually([this] { return texts.size() == 1; });
  EXPECT_EQ(texts[0], "\xff\x01");
}

TEST_F(Gateway, TheLongestMessageIsReceivedAndALongerOneClosesWith1009) {
  options.message_bytes = 1000;
  open();
  auto all = clients(1);

  all[0]->text(std::string(1000, 'a'));
  all[0]->text(std::string(1001, 'b'));

  const auto last = all[0]->read_frame();
  EXPECT_EQ(last.opcode, 8);
  EXPECT_EQ(last.close_code(), 1009);
  EXPECT_EQ(all[0]->read_to_end(), "");
  eventually([this] { return closed.size() == 1; });
  EXPECT_EQ(texts.size(), 1u);
}

TEST_F(Gateway, TextThatIsNotUtf8ClosesWith1007) {
  open();
  auto all = clients(1);

  all[0]->text("caf\xe9");

  EXPECT_EQ(all[0]->read_frame().close_code(), 1007);
  eventually([this] { return closed.size() == 1; });
  EXPECT_TRUE(texts.empty());
}

TEST_F(Gateway, AClientThatClosesIsAnsweredAndReportedOnce) {
  open();
  auto all = clients(1);

  all[0]->text("bye");
  all[0]->send_frame(8, "\x03\xe8");

  EXPECT_EQ(all[0]->read_frame().close_code(), 1000);
  EXPECT_EQ(all[0]->read_to_end(), "");
  eventually([this] { return closed.size() == 1; });
  EXPECT_EQ(order, "orc");
  EXPECT_FALSE(connections[0]->send(make_frame("too late")));
}

TEST_F(Gateway, WhatWasSentBeforeCloseArrivesBeforeTheCloseFrame) {
  open();
  auto all = clients(1);

  connections[0]->send(make_frame("last words"));
  connections[0]->close(close_code::going_away, "moved");
  connections[0]->close(close_code::too_big, "a second close does nothing");

  EXPECT_EQ(all[0]->read_frame().payload, "last words");
  const auto last = all[0]->read_frame();
  EXPECT_EQ(last.close_code(), 1001);
  EXPECT_EQ(last.payload.substr(2), "moved");
  all[0]->send_frame(8, last.payload);
  EXPECT_EQ(all[0]->read_to_end(), "");
  EXPECT_EQ(closed.size(), 1u);
}

TEST_F(Gateway, PingsAreAnsweredBetweenDataFramesNeverInside) {
  options.backlog_bytes = 8 << 20;
  open();
  auto all = clients(1);
  const std::string big(500'000, 'x');

  for (int n = 0; n < 10; ++n) {
    connections[0]->send(make_frame(big));
    all[0]->send_frame(9, std::to_string(n));
    all[0]->text("after ping");
    eventually([this, n] { return texts.size() == static_cast<std::size_t>(n) + 1; });
  }

  int pongs = 0, data = 0;
  while (pongs < 10 || data < 10) {
    const auto frame = all[0]->read_frame();
    if (frame.opcode == 10) {
      EXPECT_EQ(frame.payload, std::to_string(pongs++));
    } else {
      ASSERT_EQ(frame.opcode, 1);
      ASSERT_EQ(frame.payload, big);
      ++data;
    }
  }
}

TEST_F(Gateway, ASilentClientIsPingedAndThenClosed) {
  options.ping = 1s;
  options.silence = 2s;
  open();
  auto all = clients(1);

  EXPECT_EQ(all[0]->read_frame().opcode, 9);
  EXPECT_EQ(all[0]->read_frame().close_code(), 1001);

  eventually([this] { return closed.size() == 1; });
}

TEST_F(Gateway, AClientThatOnlyAnswersPingsStays) {
  options.ping = 1s;
  options.silence = 2s;
  open();
  auto all = clients(1);

  for (int n = 0; n < 3; ++n) {  // three seconds: longer than a silent client is kept
    ASSERT_EQ(all[0]->read_frame().opcode, 9);
    all[0]->send_frame(10, "");
  }

  EXPECT_TRUE(connections[0]->send(make_frame("still here")));
  EXPECT_EQ(all[0]->read_frame().payload, "still here");
}

TEST_F(Gateway, DestructionClosesLiveConnectionsAndReportsEachOnce) {
  open();
  auto all = clients(20);
  raw_client half(port);
  half.write("GET / HT");
  connections[3]->send(make_frame("before the end"));

  door.reset();

  EXPECT_EQ(all[3]->read_frame().payload, "before the end");
  for (auto& client : all) {
    EXPECT_EQ(client->read_frame().close_code(), 1001);
    EXPECT_EQ(client->read_to_end(), "");
  }
  EXPECT_EQ(closed.size(), 20u);
  for (const auto& [who, times] : closed) EXPECT_EQ(times, 1);
  for (const auto& who : connections) EXPECT_FALSE(who->send(make_frame("too late")));
}

TEST_F(Gateway, DestructionWhileOthersSendIsClean) {
  options.backlog_bytes = 4096;
  open();
  auto all = clients(10);
  std::atomic<bool> stop{false};
  std::thread sender([this, &stop] {
    while (!stop) {
      for (const auto& to : connections) to->send(make_frame("and on and on"));
    }
  });

  door.reset();

  stop = true;
  sender.join();
  EXPECT_EQ(closed.size(), 10u);
}

}  // namespace
}  // namespace chat::testing
