// What ends the program's job: one sentence that says what, where, and what to do.
#pragma once

#include <stdexcept>

namespace chat::demo {

/// Thrown where going on makes no sense; `main` prints the sentence and exits with 1.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace chat::demo
