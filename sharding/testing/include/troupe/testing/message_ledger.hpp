// What became of each message: nothing is lost unsaid, repeated, or out of order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe::testing {

/// The way from one incarnation of a node to one entity.
struct ledger_lane {
  std::uint64_t sender = 0;
  std::uint32_t entity = 0;

  friend auto operator<=>(const ledger_lane&, const ledger_lane&) = default;
};

/// An oracle that is told what is done, and knows nothing of how. A `life` of an entity's state
/// begins where it is lost: what was handled in one may be handled in the next again, if that was
/// promised.
class message_ledger {
 public:
  enum class kind : std::uint8_t {
    plain,     ///< may be lost when the state is, after it was sent
    reliable,  ///< may not
  };

  void accepted(ledger_lane lane, std::uint64_t seq, kind promised);
  void sent(ledger_lane lane, std::uint64_t seq);  ///< at least once: from now on it can be lost
  void applied(ledger_lane lane, std::uint64_t seq, std::uint64_t life);
  void reported(ledger_lane lane, std::uint64_t seq);  ///< its sender knows that it may be lost
  void expired(ledger_lane lane, std::uint64_t seq);   ///< its sender knows that it never left
  void state_lost(std::uint32_t entity);
  void sender_gone(std::uint64_t sender);  ///< what it had not got through went with it

  /// Those that were accepted and about which nothing was said.
  [[nodiscard]] std::uint64_t open() const;
  /// To be called when nothing is under way any more: what was lost, besides all of `violations`.
  [[nodiscard]] std::vector<std::string> close() const;
  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return wrong_; }

  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_; }
  [[nodiscard]] std::uint64_t applied() const noexcept { return applied_; }
  [[nodiscard]] std::uint64_t reported() const noexcept { return reported_; }

 private:
  struct entry {
    kind promised = kind::plain;
    bool sent = false;
    bool applied = false;
    bool excused = false;
    std::uint64_t life = 0;  // it was last applied in
  };
  struct lane_book {
    std::map<std::uint64_t, entry> messages;
    std::uint64_t last = 0;  // applied in this life
    std::uint64_t life = 0;
    bool gone = false;
  };
  void wrong(const std::string& what, ledger_lane lane, std::uint64_t seq);

  std::map<ledger_lane, lane_book> lanes_;
  std::vector<std::string> wrong_;
  std::uint64_t accepted_ = 0;
  std::uint64_t applied_ = 0;
  std::uint64_t reported_ = 0;
};

}  // namespace troupe::testing
