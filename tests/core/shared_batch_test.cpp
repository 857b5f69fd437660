#include "runtime/multicast.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace troupe::runtime {
namespace {

struct listener {
  struct heard {
    std::shared_ptr<const int> what;
  };
  using protocol = troupe::protocol<void(heard)>;
  void on(const heard&) {}
};

detail::envelope_ptr about(std::shared_ptr<const int> what) {
  return detail::make_envelope(detail::handler_of<listener, listener::heard>(),
                               listener::heard{std::move(what)});
}

TEST(SharedMessages, AreMadeWhileTheEarlierOnesAreAllHandled) {
  const auto what = std::make_shared<const int>(1);
  {
    sharer shared{about(what), 1000};
    for (int i = 0; i < 1000; ++i) {
      const auto one = shared.next();  // dropped at once, and with the last of a batch the batch
      ASSERT_EQ(what.use_count(), 2);
    }
  }
  EXPECT_EQ(what.use_count(), 1);
}

TEST(SharedMessages, KeepTheMessageUntilTheLastIsGone) {
  const auto what = std::make_shared<const int>(1);
  std::vector<detail::envelope_ptr> all;
  {
    sharer shared{about(what), 100};
    for (int i = 0; i < 70; ++i) all.push_back(shared.next());
  }

  EXPECT_EQ(what.use_count(), 2);
  all.resize(1);
  EXPECT_EQ(what.use_count(), 2);
  all.clear();
  EXPECT_EQ(what.use_count(), 1);
}

}  // namespace
}  // namespace troupe::runtime
