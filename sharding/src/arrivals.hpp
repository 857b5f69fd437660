// Messages to entities that come from lanes: taken, refused, or told where they belong.
#pragma once

#include "arriving.hpp"
#include "inside.hpp"
#include "lane_frames.hpp"
#include "shard_gates.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sharding {

/// What arrivals ask the cluster service.
struct arrival_questions {
  /// Whether this node may take messages now: its lease is far enough from its end.
  std::function<bool()> admits;
  /// Whether this incarnation of a node is a member, as far as is known here.
  std::function<bool(std::uint64_t incarnation)> is_member;
  std::function<arriving(const std::string& from, const entity_body&)> unpack;
  std::function<std::function<void()>(arriving&)> hand_over;
  std::function<shard_record(shard_id)> record_of;
  std::function<shard_id(const arriving&)> shard_of;  ///< of who it is for
  std::function<void()> look_for_newer_view;
};

/// Acknowledges in batches: what was taken of one node is said a while after the first, or when it
/// is a quarter of a lane's window. Any thread.
class arrivals {
 public:
  static constexpr std::chrono::milliseconds pause{5};

  arrivals(detail::node_inside& node, shard_gates& gates, arrival_questions ask);

  /// A frame of another node's lane.
  void received(const std::string& from, reader& in);
  /// A message of this node's own lane.
  [[nodiscard]] lane_answer take(const std::string& from, const lane_head& head,
                                 std::string_view body);
  /// Tells those who were turned away where the shard is.
  void tell_moved(shard_id shard, const shard_record& record);

 private:
  struct book {
    std::uint64_t sender = 0;
    boost::unordered_flat_map<shard_id, std::uint64_t> taken;  // since the last word; the epochs
    bool alarmed = false;
  };
  void note(const std::string& from, std::uint64_t sender, const lane_answer& answer,
            std::size_t bytes);
  void note_in_book(const std::string& from, std::uint64_t sender, const lane_answer& answer);
  void flush(const std::string& to, book& b);
  void say(const std::string& to, const lane_answers& answers);
  lane_answer judge(const std::string& from, const lane_head& head, arriving& message,
                    std::function<void()>& refusal);
  [[nodiscard]] std::function<void()> say_answered(const std::string& from, const lane_head& head,
                                                   const arriving& message);
  [[nodiscard]] lane_answer turn_away(const std::string& from, const lane_head& head,
                                      shard_gates::gate* g);

  detail::node_inside& node_;
  shard_gates& gates_;
  const arrival_questions ask_;
  std::mutex mutex_;
  std::map<std::string, book, std::less<>> books_;  // never erased while the node lives
};

}  // namespace troupe::sharding
