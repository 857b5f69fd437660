// A gateway on a free port whose events are recorded and waited for.
#pragma once

#include "gateway.hpp"
#include "gateway/gateway_server.hpp"
#include "raw_client.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace chat::testing {

/// Accepts WebSockets below /ws, answers GET with path and query, keeps what it was told.
class gateway_fixture : public ::testing::Test {
 protected:
  gateway_fixture() { options.listen.port = 0; }
  ~gateway_fixture() override { door.reset(); }

  void open() {
    auto opened = gateway::open(options, events());
    if (!opened.ok()) throw std::runtime_error(opened.why().what);
    door = std::move(opened).value();
    port = door->listening();
  }

  const gate::traffic& counts() const {
    return dynamic_cast<const gate::gateway_server&>(*door).counts();
  }

  /// Waits until `what()` holds of the records below.
  void eventually(const std::function<bool()>& what) {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, std::chrono::seconds(20), what)) {
      throw std::runtime_error("it did not happen within 20 s");
    }
  }

  /// `count` upgraded clients, in the order of `connections`.
  std::vector<std::unique_ptr<raw_client>> clients(std::size_t count) {
    std::vector<std::unique_ptr<raw_client>> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(std::make_unique<raw_client>(port));
      out.back()->upgrade();
      eventually([this, i] { return connections.size() == i + 1; });
    }
    return out;
  }

  gateway_options options;
  std::unique_ptr<gateway> door;
  troupe::endpoint port;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<connection>> connections;  // guarded by mutex, as all below
  std::vector<std::string> texts;
  std::map<const connection*, int> closed;
  std::string order;                         // 'o' opened, 'r' received, 'c' closed
  std::function<void(std::string)> on_text;  // set before clients speak

 private:
  void record(char what, const std::function<void()>& change) {
    const std::lock_guard lock(mutex);
    order += what;
    change();
    changed.notify_all();
  }

  gateway_events events() {
    gateway_events e;
    e.get = [](std::string_view path, const std::map<std::string, std::string>& query) {
      http_answer answer;
      if (path == "/missing") answer.status = 404;
      answer.body = answer.status == 404 ? "" : "path=" + std::string(path);
      for (const auto& [name, value] : query) answer.body += " " + name + "=" + value;
      answer.headers["X-Content-Type-Options"] = "nosniff";
      return answer;
    };
    e.accept = [](std::string_view target) { return target.starts_with("/ws"); };
    e.opened = [this](const auto& who) { record('o', [&] { connections.push_back(who); }); };
    e.received = [this](const auto& /*who*/, std::string_view text) {
      record('r', [&] { texts.emplace_back(text); });
      if (on_text) on_text(std::string(text));
    };
    e.closed = [this](const auto& who) { record('c', [&] { ++closed[who.get()]; }); };
    return e;
  }
};

}  // namespace chat::testing
