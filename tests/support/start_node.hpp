// A node for tests, which logs nothing.
#pragma once

#include <troupe/core.hpp>

#include <cstdint>
#include <utility>

namespace testing_support {

struct node_size {
  std::uint32_t workers = 0;  ///< 0: as many as a node has by itself
  std::uint32_t mailbox = 10'000;
};

inline troupe::node start_node(node_size size = {}) {
  troupe::node_options options;
  options.log.level = "off";
  options.runtime.workers = size.workers;
  options.runtime.mailbox = size.mailbox;
  return troupe::node::start(std::move(options)).value();
}

}  // namespace testing_support
