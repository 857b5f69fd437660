#include <troupe/testing/message_ledger.hpp>

namespace troupe::testing {

namespace {
std::string named(ledger_lane lane, std::uint64_t seq) {
  return "message " + std::to_string(seq) + " from " + std::to_string(lane.sender) + " to entity " +
         std::to_string(lane.entity);
}
}  // namespace

void message_ledger::wrong(const std::string& what, ledger_lane lane, std::uint64_t seq) {
  if (wrong_.size() < 100) wrong_.push_back(named(lane, seq) + " " + what);
}

void message_ledger::accepted(ledger_lane lane, std::uint64_t seq, kind promised) {
  ++accepted_;
  lanes_[lane].messages[seq].promised = promised;
}

void message_ledger::sent(ledger_lane lane, std::uint64_t seq) {
  const auto found = lanes_[lane].messages.find(seq);
  if (found != lanes_[lane].messages.end()) found->second.sent = true;
}

void message_ledger::applied(ledger_lane lane, std::uint64_t seq, std::uint64_t life) {
  ++applied_;
  auto& book = lanes_[lane];
  const auto found = book.messages.find(seq);
  if (found == book.messages.end()) return wrong("was applied and never sent", lane, seq);
  auto& message = found->second;
  if (message.applied && message.life == life) wrong("was applied twice", lane, seq);
  const bool again = message.applied && message.life != life;
  if (again && message.promised == kind::plain) wrong("was applied in two lives", lane, seq);
  if (book.life == life && seq < book.last) {
    wrong("was applied after " + std::to_string(book.last), lane, seq);
  }
  message.applied = true;
  message.life = life;
  book.life = life;
  book.last = seq;
}

void message_ledger::reported(ledger_lane lane, std::uint64_t seq) {
  ++reported_;
  const auto found = lanes_[lane].messages.find(seq);
  if (found == lanes_[lane].messages.end()) return;
  auto& message = found->second;
  if (message.promised == kind::reliable) wrong("is reliable and was given up", lane, seq);
  message.excused = true;
}

void message_ledger::expired(ledger_lane lane, std::uint64_t seq) {
  ++reported_;
  const auto found = lanes_[lane].messages.find(seq);
  if (found == lanes_[lane].messages.end()) return;
  if (found->second.applied)
    wrong("was applied, and its sender thinks that it never left", lane, seq);
  found->second.excused = true;
}

void message_ledger::state_lost(std::uint32_t entity) {
  for (auto& [lane, book] : lanes_) {
    if (lane.entity != entity) continue;
    for (auto& [seq, message] : book.messages) {
      if (message.promised == kind::plain && message.sent) message.excused = true;
    }
  }
}

void message_ledger::sender_gone(std::uint64_t sender) {
  for (auto& [lane, book] : lanes_) {
    if (lane.sender == sender) book.gone = true;
  }
}

std::uint64_t message_ledger::open() const {
  std::uint64_t open = 0;
  for (const auto& [lane, book] : lanes_) {
    if (book.gone) continue;
    for (const auto& [seq, m] : book.messages) open += m.applied || m.excused ? 0 : 1;
  }
  return open;
}

std::vector<std::string> message_ledger::close() const {
  auto all = wrong_;
  for (const auto& [lane, book] : lanes_) {
    if (book.gone) continue;
    for (const auto& [seq, m] : book.messages) {
      if (m.applied || m.excused) continue;
      if (all.size() < 100) all.push_back(named(lane, seq) + " was lost, and nobody was told");
    }
  }
  return all;
}

}  // namespace troupe::testing
