// A loop of events that several threads may serve, one at a time.
#pragma once

#include <functional>

namespace troupe::detail {

/// It has a thread of its own, which serves it unless somebody else does: whoever has nothing to do
/// waits for events himself, and what they bring is done without waking anybody.
class poller {
 public:
  /// Takes the loop; false: somebody has it, or it is closed. Any thread, as all but `serve` and
  /// `end`.
  [[nodiscard]] virtual bool begin() noexcept = 0;
  /// Waits for what happens next, and serves it. Who has it.
  virtual void serve() = 0;
  /// Lets it go. Who has it.
  virtual void end() noexcept = 0;
  [[nodiscard]] virtual bool unserved() const noexcept = 0;
  /// Ends the waiting of whoever serves, now or the next time.
  virtual void interrupt() = 0;
  /// Gives the loop to its own thread, if nobody has it.
  virtual void serve_alone() noexcept = 0;
  /// Its own thread lets the loop go when `others.could`, and takes it again unless `others.come`:
  /// those look at `unserved` before they rest.
  struct relief {
    std::function<bool()> could, come;
  };
  virtual void relieve(relief others) = 0;

 protected:
  ~poller() = default;
};

}  // namespace troupe::detail
