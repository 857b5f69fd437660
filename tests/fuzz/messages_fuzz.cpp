// What stands in a frame between nodes: its head, whom it is for, the message, answers, and who
// watches whom or is linked to whom.
//
// An input is a frame's payload. It is taken apart as a node does, by the parts of the nodes.
#include "entity_frame.hpp"
#include "fuzz.hpp"
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
  sharding::entity_frame frame;
  if (!frame.read(in)) return;
  const std::string written = frame.write();
  reader back{written, in.node()};
  frame_kind kind{};
  sharding::entity_frame again;
  promise(decode(back, kind) && kind == frame_kind::to_entity && again.read(back),
          "a frame that is sent on can be read");
  promise(again.type == frame.type && again.id == frame.id && again.epoch == frame.epoch &&
              again.hops == frame.hops && again.body == frame.body,
          "a frame that is sent on is the same");
  check_message(frame.head.message, reader{frame.body, in.node()});
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

void check(std::string_view frame) {
  no_node node;
  reader in{frame, &node};
  std::uint64_t kind = 0;
  std::uint64_t epoch = 0;
  if (!in.varint(kind)) return;
  switch (static_cast<frame_kind>(kind)) {
    case frame_kind::to_actor: return check_to_actor(in);
    case frame_kind::to_actors: return check_to_actors(in);
    case frame_kind::answer: return check_answer(in);
    case frame_kind::watch: return check_news<runtime::watch_news>(in);
    case frame_kind::ended: return check_news<runtime::end_news>(in);
    case frame_kind::link: return check_news<runtime::link_news>(in);
    case frame_kind::to_entity: return check_to_entity(in);
    case frame_kind::not_owner: return in.varint(epoch) ? check_to_entity(in) : void();
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
  sharding::entity_frame frame;
  frame.head = {detail::handler_of<guild, M>().id, 3, 1000, {5, 6}};
  frame.type = guild::name;
  frame.id = "lobby";
  frame.epoch = 2;
  std::string bytes;
  writer body{bytes};
  encode(body, message);
  frame.body = bytes;
  return frame.write();
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

  std::string given_back;
  writer back{given_back};
  encode(back, frame_kind::not_owner);
  back.varint(9);
  given_back += to_entity(posted).substr(1);

  return {
      to_actor,
      to_actors,
      given_back,
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
