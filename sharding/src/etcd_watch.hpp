// Tells when keys in etcd change: one thread that listens, whatever becomes of connections.
#pragma once

#include "etcd_client.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace troupe::sharding::etcd {

/// The latest revision at which a key of the prefix changed, as far as it is known. A change may be
/// told that is none (of other keys, after connections were lost); none is left out. Any thread;
/// one may wait.
class watch {
 public:
  /// A watch this long without news is opened anew at the next server: the one it was with may be
  /// cut off from the others, which looks like silence.
  static constexpr std::chrono::milliseconds longest_silence{5000};

  /// Of changes after `since`; 0: from now on.
  watch(client& through, std::string prefix, revision since = 0);
  ~watch();
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;

  /// As `coordination_store::wait_for_change`.
  result<revision> wait(revision seen, std::chrono::milliseconds timeout);
  void interrupt();

 private:
  void run();
  void follow(connection& link);
  /// True when revisions began anew, and so must the watch.
  bool created(const watch_line& first);
  /// True when etcd has forgotten what came after `since_`: all that is known is void.
  bool heard(const watch_line& line);

  client& client_;
  const std::string prefix_;
  revision since_;            // of the thread; 0: from now on
  std::size_t failures_ = 0;  // of the thread, in a row
  bool refused_ = false;      // of the thread: the last watch was, perhaps for the token's age

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  revision known_ = 0;
  bool went_back_ = false;  // etcd was restored from a backup
  bool interrupted_ = false;
  bool stopping_ = false;
  std::optional<std::string> failure_;  // no server has a watch for us
  connection* link_ = nullptr;          // in use by the thread
  std::thread thread_;
};

}  // namespace troupe::sharding::etcd
