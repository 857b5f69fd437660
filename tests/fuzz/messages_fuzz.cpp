// What stands in a frame between nodes: its head, whom it is for, the message, answers, and who
// watches whom or is linked to whom.
//
// An input is a frame's payload. It is taken apart as a node does, by the parts of the nodes.
#include "cargo.hpp"
#include "fuzz.hpp"
#include "lane_frames.hpp"
#include "ownership/handoff_words.hpp"
#include "post.hpp"
#include "runtime/far_frames.hpp"
#include "runtime/remote_ask.hpp"
#include <troupe/sharding/entity_ref.hpp>

#include <cstdint>
#include <map>
#include <optional>

namespace troupe::fuzz {
namespace {

using detail::frame_kind;

struct guild {
  static constexpr auto name = "guild";
  struct join {
    std::string who;
    std::vector<std::uint64_t> roles;
    actor_ref<guild> session;
  };
  struct post {
    std::uint64_t channel = 0;
    std::string text;
    std::optional<std::int32_t> reply;
    std::map<std::string, std::string> embeds;
    entity_ref<guild> copy_to;
  };
  struct count {};
  struct tally {
    std::map<std::string, std::uint32_t> by_channel;
    double mean = 0;
  };
  using protocol = troupe::protocol<void(join), std::uint64_t(post), tally(count)>;

  void on(const join&) {}
  static result<std::uint64_t> on(const post&) { return std::uint64_t{0}; }
  static tally on(const count&) { return {}; }
};

const detail::behaviour_type& type = detail::behaviour_of<guild>;

// References in messages are bound to a node; this one has no actors.
class no_node final : public detail::locator {
 public:
  detail::route actor(detail::place where) override { return {nullptr, std::move(where)}; }
  std::shared_ptr<detail::carrier> entities(std::string_view) override { return nullptr; }
};

// The wire form of a message, however it came.
std::string bytes_of(detail::envelope& message) {
  std::string bytes;
  writer out{bytes};
  message.what->encode(message.payload(), out);
  return bytes;
}

constexpr std::size_t heap_per_byte = 256;

void check_message(std::uint32_t id, reader in) {
  const detail::handler* what = type.find(id);
  if (!what) return;
  const std::size_t left = in.left();
  const std::size_t before = heap_asked();
  const auto message = detail::read_envelope(*what, in);
  promise(heap_asked() - before <= 1024 + heap_per_byte * left,
          "a message costs what came of it, not a forged length");
  if (!message) return promise(in.failed(), "what is no message fails the reader");

  const std::string written = bytes_of(*message);
  reader back{written, in.node()};
  const auto again = detail::read_envelope(*what, back);
  promise(again && back.left() == 0, "a message that was read can be written and read again");
  promise(bytes_of(*again) == written, "it is the same message then");
  promise(bytes_of(*detail::copy_envelope(*message)) == written, "and so is its copy");
}

void check_to_entity(reader in) {
  sharding::lane_head head;
  sharding::entity_body body;
  if (!head.read(in)) return;
  std::string written;
  writer out{written};
  head.write(out);
  sharding::lane_head again;
  reader back{written};
  promise(again.read(back) && back.left() == 0, "a head that is written can be read");
  promise(again.seq == head.seq && again.base == head.base && again.over == head.over &&
              again.shard == head.shard && again.epoch == head.epoch &&
              again.sender == head.sender && again.base <= again.seq &&
              again.reliable == head.reliable,
          "and is the same then");
  if (!body.read(in)) return;
  check_message(body.head.message, reader{body.message, in.node()});
}

void check_to_actor(reader in) {
  runtime::incoming_frame head;
  std::uint64_t number = 0;
  if (head.read_head(in) && in.varint(number)) check_message(head.message, in);
}

void check_to_actors(reader in) {
  std::uint32_t id = 0;
  std::vector<std::uint64_t> numbers;
  if (decode(in, id) && decode(in, numbers)) check_message(id, in);
}

// Counts how often an asker was told.
class told final : public detail::answer_sink {
 public:
  explicit told(int& times) : times_(times) {}
  void answer(void*) override { ++times_; }
  void fail(error) override { ++times_; }

 private:
  int& times_;
};

// The request's number chooses what was asked.
void check_answer(reader in) {
  std::uint64_t request = 0;
  errc code{};
  if (!in.varint(request) || !decode(in, code)) return;
  promise(!to_string(code).empty(), "every number of a failure has a name");
  const detail::handler& what = type.handlers[request % type.count];
  if (!what.decode_answer) return;
  int times = 0;
  told asker{times};
  what.decode_answer(in, asker);
  promise(times == 1, "an asker is told once");
}

template <class News>
void check_news(reader in) {
  const std::size_t left = in.left();
  const std::size_t before = heap_asked();
  News news;
  const bool whole = runtime::read(in, news);
  promise(heap_asked() - before <= 1024 + heap_per_byte * left,
          "news cost what came of them, not a forged length");
  if (!whole) return promise(in.failed(), "what is no news fails the reader");

  const std::string written = runtime::to_frame(news);
  reader back{std::string_view{written}.substr(1)};
  News again;
  promise(runtime::read(back, again) && back.left() == 0, "news that were read can be read again");
  promise(runtime::to_frame(again) == written, "they are the same then");
}

// No item of these is larger than 320 bytes; one may be a byte on the wire, and a container that
// grows asks for its items three times.
constexpr std::size_t value_heap_per_byte = 960;
static_assert(sizeof(sharding::packed_entity) <= 320 && sizeof(sharding::lane_answer) <= 320);

template <class T>
void check_value(reader in) {
  const std::size_t left = in.left();
  const std::size_t before = heap_asked();
  T value;
  const bool whole = decode(in, value);
  promise(heap_asked() - before <= 1024 + value_heap_per_byte * left,
          "it costs what came of it, not a forged length");
  if (!whole) return;
  std::string written;
  writer out{written};
  encode(out, value);
  reader back{written};
  T again;
  promise(decode(back, again) && back.left() == 0, "what was read can be written and read again");
}

void check(std::string_view frame) {
  no_node node;
  reader in{frame, &node};
  std::uint64_t kind = 0;
  if (!in.varint(kind)) return;
  switch (static_cast<frame_kind>(kind)) {
    case frame_kind::to_actor: return check_to_actor(in);
    case frame_kind::to_actors: return check_to_actors(in);
    case frame_kind::answer: return check_answer(in);
    case frame_kind::watch: return check_news<runtime::watch_news>(in);
    case frame_kind::ended: return check_news<runtime::end_news>(in);
    case frame_kind::link: return check_news<runtime::link_news>(in);
    case frame_kind::to_entity: return check_to_entity(in);
    case frame_kind::lane_answers: return check_value<sharding::lane_answers>(in);
    case frame_kind::handoff: return check_value<sharding::handoff_word>(in);
    case frame_kind::cargo: return check_value<sharding::cargo_part>(in);
    default: return;
  }
}

const guild::join joined{"ann", {1, 300}, actor_ref<guild>{{nullptr, {"n1", 77}}}};
const guild::post posted{5, "hello", 7, {{"a", "b"}}, entity_ref<guild>{{nullptr, {"lobby", 0}}}};

const runtime::link_word joins{runtime::link_verb::join, {5, false}, {}, {}};
const runtime::link_word exits{
    runtime::link_verb::exit, {900, true}, "guild 7", {exit_kind::crashed, "boom"}};

template <class M>
std::string to_entity(const M& message) {
  sharding::lane_head head{5, 2, 77, 9, 7, false, true, 3, 1000};
  sharding::entity_body body{guild::name, "lobby", {}, {}};
  body.head.message = detail::handler_of<guild, M>().id;
  body.head.chain = {5, 6};
  std::string frame;
  writer out{frame};
  encode(out, frame_kind::to_entity);
  head.write(out);
  body.write_address(out);
  encode(out, message);
  return frame;
}

template <class T>
std::string framed(frame_kind kind, const T& value) {
  std::string frame;
  writer out{frame};
  encode(out, kind);
  encode(out, value);
  return frame;
}

std::string answered(const guild::tally& value) {
  std::string frame;
  writer out{frame};
  encode(out, frame_kind::answer);
  out.varint(2);  // the third handler, which is the count's
  encode(out, errc::ok);
  encode(out, value);
  return frame;
}

}  // namespace

std::vector<std::string> seeds() {
  std::string to_actor;
  writer actor{to_actor};
  encode(actor, frame_kind::to_actor);
  encode(actor, detail::handler_of<guild, guild::join>().id);
  for (const std::uint64_t number : {0, 0, 0, 77}) actor.varint(number);
  encode(actor, joined);

  std::string to_actors;
  writer actors{to_actors};
  encode(actors, frame_kind::to_actors);
  encode(actors, detail::handler_of<guild, guild::post>().id);
  encode(actors, std::vector<std::uint64_t>{1, 2, 300});
  encode(actors, posted);

  const sharding::shard_record record{4, "b", 9, 2, 1, 77, 1000};
  const sharding::lane_answers answers{77,
                                       {{sharding::lane_answer_kind::taken, 5, 2, 9, {}},
                                        {sharding::lane_answer_kind::moved, 6, 4, 0, record}}};
  const sharding::handoff_word yours{sharding::handoff_step::yours, 6, 77, 4, 9, record, {}};
  runtime::luggage things;
  things.has_state = true;
  things.state = "state";
  const sharding::cargo_part cargo{6, 77, 0, true, {{77, 9}}, {{"guild", "lobby", things}}};

  return {
      to_actor,
      to_actors,
      framed(frame_kind::lane_answers, answers),
      framed(frame_kind::handoff, yours),
      framed(frame_kind::cargo, cargo),
      to_entity(joined),
      to_entity(posted),
      to_entity(guild::count{}),
      answered({{{"general", 3}}, 1.5}),
      runtime::to_frame(runtime::watch_news{true, {{1, 77}, {300, 78}}, {2, 3}}),
      runtime::to_frame(runtime::end_news{true, {{1, exit_kind::crashed, "boom"}, {300, {}, {}}}}),
      runtime::to_frame(runtime::link_news{true, runtime::link_news::one{7, 77, joins}, {}}),
      runtime::to_frame(
          runtime::link_news{false, runtime::link_news::one{300, 8, exits}, {{5, true}}})};
}

}  // namespace troupe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
