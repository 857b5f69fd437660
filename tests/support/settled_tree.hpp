// A supervision tree once nobody in it is starting: a child may answer before its supervisor knows.
#pragma once

#include <troupe/core/supervision_tree.hpp>

#include <chrono>
#include <string>
#include <thread>

namespace testing_support {

/// What `look` gives, as text; what there is after ten seconds.
template <class F>
std::string settled_tree(F look) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  for (;;) {
    auto text = to_string(look());
    const bool settled = text.find("starting") == std::string::npos;
    if (settled || std::chrono::steady_clock::now() > give_up) return text;
    std::this_thread::yield();
  }
}

}  // namespace testing_support
