#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace troupe {
namespace {

/// Counts what it handles where the sender can see it.
struct counting {
  struct note {};
  using protocol = troupe::protocol<void(note)>;
  static constexpr std::uint32_t mailbox = 64;

  explicit counting(std::atomic<int>* h) : handled(h) {}
  void on(note) { handled->fetch_add(1); }

  std::atomic<int>* handled;
};

// What was sent and not handled is at least what waits.
TEST(CellBound, RefusesNothingBelowItWhileMessagesAreTaken) {
  node_options options;
  options.log.level = "off";
  auto node = node::start(options).value();
  std::atomic<int> handled{0};
  const auto ref = node.spawn<counting>(&handled);

  for (int sent = 0; sent < 300'000; ++sent) {
    int waiting = sent - handled.load();
    for (; waiting >= int{counting::mailbox}; waiting = sent - handled.load()) {
      std::this_thread::yield();
    }
    ASSERT_EQ(ref.tell(counting::note{}), errc::ok) << "at most " << waiting << " were waiting";
  }
}

}  // namespace
}  // namespace troupe
