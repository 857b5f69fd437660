#include "arrivals.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

namespace {
constexpr std::uint64_t answers_key = 1;  // answers keep their order, and wait behind nothing else

// Of as many as a window has messages.
constexpr std::uint32_t a_quarter = lane_limits{}.messages / 4;
std::uint32_t parts_of_window(std::size_t bytes) {
  constexpr lane_limits window;
  return 1 + static_cast<std::uint32_t>(bytes / (window.bytes / window.messages));
}

lane_answer answer_of(lane_answer_kind kind, const lane_head& head, std::uint64_t value = 0) {
  return {kind, head.shard, head.epoch, value, {}};
}
}  // namespace

arrivals::arrivals(detail::node_inside& node, shard_gates& gates, arrival_questions ask)
    : node_(node), gates_(gates), ask_(std::move(ask)) {}

void arrivals::received(const std::string& from, reader& in) {
  lane_head head;
  if (!head.read(in) || !gates_.knows(head.shard)) return (void)in.fail();
  const auto body = in.rest();
  const auto answer = take(from, head, body);
  if (answer.kind == lane_answer_kind::taken) return note(from, head.sender, answer, body.size());
  say(from, {head.sender, {answer}});
}

lane_answer arrivals::take(const std::string& from, const lane_head& head, std::string_view body) {
  arriving message;
  if (!head.over) {
    entity_body what;
    reader in{body, &node_};
    if (!what.read(in)) return answer_of(lane_answer_kind::parked, head);
    what.head.request = head.request;
    what.head.left_ms = head.left_ms;
    what.head.reliable = head.reliable;
    message = ask_.unpack(from, what);
  }
  std::function<void()> refusal;
  const auto answer = judge(from, head, message, refusal);
  if (refusal) refusal();
  if (message.message) message.message->sink = nullptr;  // not taken: its sender sends it again
  return answer;
}

lane_answer arrivals::judge(const std::string& from, const lane_head& head, arriving& message,
                            std::function<void()>& refusal) {
  auto* known = gates_.find(head.shard);
  if (!known) return turn_away(from, head, nullptr);
  auto& g = *known;
  const std::lock_guard lock{g.mutex};
  const auto epoch = g.epoch.load(std::memory_order_relaxed);
  if (epoch == 0 || epoch != head.epoch || !ask_.admits()) return turn_away(from, head, &g);
  // A member's, or known as one to who had the shard before. A gate forgets who was none for long.
  const auto last = g.taken.last(head.sender);
  if (last == 0 && !ask_.is_member(head.sender)) {
    ask_.look_for_newer_view();
    return answer_of(lane_answer_kind::parked, head);
  }
  // Of who became a shard of its own, its sender knows so soon, too. What came before was taken,
  // and whether that was answered is known where the entity is.
  const bool lives_apart = message.where && ask_.shard_of(message) != head.shard;
  if (head.seq > last && lives_apart) return answer_of(lane_answer_kind::parked, head);
  const auto verdict = g.taken.judge(head.sender, head.seq, head.base);
  if (verdict == lane_verdict::gap) {
    return answer_of(lane_answer_kind::expected, head, last + 1);
  }
  if (verdict == lane_verdict::take) {
    if (!head.over) refusal = ask_.hand_over(message);
    if (message.must_wait) return answer_of(lane_answer_kind::parked, head);
    g.taken.take(head.sender, head.seq);
  }
  if (verdict == lane_verdict::duplicate && !lives_apart)
    refusal = say_answered(from, head, message);
  return answer_of(lane_answer_kind::taken, head, std::max(last, head.seq));
}

// What was taken and does not wait here any more was answered, and its sender does not know it.
// Under the gate's lock: nothing is packed meanwhile.
std::function<void()> arrivals::say_answered(const std::string& from, const lane_head& head,
                                             const arriving& message) {
  const bool waits = head.reliable && !head.over && from != node_.node_name();
  const std::size_t itself = message.message ? 1 : 0;
  if (!waits || node_.taken().times(from, head.request) > itself) return nullptr;
  return [this, from, request = head.request] {
    std::string frame;
    writer out{frame};
    runtime::write_failure(
        out, request,
        {errc::timeout, "its node took it, but the answer was lost; it may have been handled"});
    (void)node_.posts().give(from, std::move(frame), {&request, 1});
  };
}

// Under the gate's lock, if there is one.
lane_answer arrivals::turn_away(const std::string& from, const lane_head& head,
                                shard_gates::gate* g) {
  auto record = ask_.record_of(head.shard);
  if (record.epoch > head.epoch) {
    auto answer = answer_of(lane_answer_kind::moved, head);
    answer.record = std::move(record);
    return answer;
  }
  if (record.epoch < head.epoch) ask_.look_for_newer_view();
  if (g) g->turned_away.insert(from);
  return answer_of(lane_answer_kind::parked, head);
}

// Most find that one before them is in the book already. Whoever sees that is seen by `flush`,
// which takes the mark away before it looks how much was taken.
void arrivals::note(const std::string& from, std::uint64_t sender, const lane_answer& answer,
                    std::size_t bytes) {
  auto& g = *gates_.find(answer.shard);
  if (g.unsaid_of.load() != sender) note_in_book(from, sender, answer);
  const auto unsaid = g.unsaid.load(std::memory_order_relaxed) + parts_of_window(bytes);
  g.unsaid.store(unsaid < a_quarter ? unsaid : 0, std::memory_order_relaxed);
  if (unsaid < a_quarter) return;
  std::unique_lock lock{mutex_};
  auto& b = books_[from];
  lock.unlock();
  flush(from, b);
}

void arrivals::note_in_book(const std::string& from, std::uint64_t sender,
                            const lane_answer& answer) {
  const std::lock_guard lock{mutex_};
  auto& b = books_[from];
  if (b.sender != sender) b.taken.clear();
  b.sender = sender;
  b.taken[answer.shard] = answer.epoch;
  gates_.find(answer.shard)->unsaid_of = sender;
  if (std::exchange(b.alarmed, true)) return;
  node_.clockwork().call(std::chrono::steady_clock::now() + pause, [this, from, &b] {
    {
      const std::lock_guard again{mutex_};
      b.alarmed = false;
    }
    flush(from, b);
  });
}

void arrivals::flush(const std::string& to, book& b) {
  lane_answers answers;
  {
    const std::lock_guard lock{mutex_};
    answers.sender = b.sender;
    for (const auto& [shard, epoch] : b.taken) {
      gates_.find(shard)->unsaid_of = 0;
      answers.all.push_back({lane_answer_kind::taken, shard, epoch, 0, {}});
    }
    b.taken.clear();
  }
  for (auto& one : answers.all) one.value = gates_.taken_of(one.shard, answers.sender);
  if (!answers.all.empty()) say(to, answers);
}

void arrivals::say(const std::string& to, const lane_answers& answers) {
  std::string frame;
  writer out{frame};
  encode(out, detail::frame_kind::lane_answers);
  encode(out, answers);
  (void)node_.posts().give(to, std::move(frame), {&answers_key, 1});
}

void arrivals::tell_moved(shard_id shard, const shard_record& record) {
  for (const auto& node : gates_.take_turned_away(shard)) {
    lane_answer answer{lane_answer_kind::moved, shard, record.epoch, 0, record};
    say(node, {0, {answer}});
  }
}

}  // namespace troupe::sharding
