#include "frames.hpp"

#include <boost/json.hpp>

#include <array>

namespace chat::demo {
namespace {

namespace json = boost::json;

event kind_of(std::string_view ev) {
  if (ev == "message") return event::message;
  if (ev == "ok") return event::ok;
  if (ev == "joined") return event::joined;
  if (ev == "welcome") return event::welcome;
  if (ev == "error") return event::error;
  return event::other;
}

std::string_view text_of(const json::value& v) {
  return v.is_string() ? std::string_view{v.get_string().data(), v.get_string().size()}
                       : std::string_view{};
}

std::int64_t number_of(const json::value& v) {
  return v.is_int64() ? v.get_int64() : 0;
}

void set_field(frame& f, std::string_view key, const json::value& v) {
  if (key == "ev") {
    f.kind = kind_of(text_of(v));
  } else if (key == "guild") {
    f.guild = text_of(v);
  } else if (key == "channel") {
    f.channel = text_of(v);
  } else if (key == "user") {
    f.user = text_of(v);
  } else if (key == "text") {
    f.text = text_of(v);
  } else if (key == "id") {
    f.id = text_of(v);
  } else if (key == "code") {
    f.code = text_of(v);
  } else if (key == "message") {
    f.explanation = text_of(v);
  } else if (key == "seq") {
    f.seq = static_cast<std::uint64_t>(number_of(v));
  } else if (key == "at") {
    f.at = number_of(v);
  }
}

}  // namespace

std::string hello_frame(std::string_view user) {
  return json::serialize(json::object{{"op", "hello"}, {"user", user}});
}

std::string join_frame(std::string_view guild, std::string_view id) {
  return json::serialize(json::object{{"op", "join"}, {"guild", guild}, {"id", id}});
}

std::string say_frame(std::string_view guild, std::string_view text, std::string_view id) {
  return json::serialize(json::object{
      {"op", "say"}, {"guild", guild}, {"channel", main_channel}, {"text", text}, {"id", id}});
}

struct frame_reader::memory {
  std::array<unsigned char, 16u << 10> buffer;
  std::unique_ptr<json::monotonic_resource> pool;  // uses `buffer` first
  json::value* root = nullptr;                     // in the pool; released with it
};

frame_reader::frame_reader() : memory_{std::make_unique<memory>()} {}
frame_reader::~frame_reader() = default;

frame frame_reader::read(std::string_view text) {
  memory_->pool =
      std::make_unique<json::monotonic_resource>(memory_->buffer.data(), memory_->buffer.size());
  boost::system::error_code failed;
  auto* place = memory_->pool->allocate(sizeof(json::value), alignof(json::value));
  // Never destroyed: everything it holds lies in the pool.
  memory_->root = ::new (place)
      json::value(json::parse({text.data(), text.size()}, failed, memory_->pool.get()));
  frame f;
  if (failed || !memory_->root->is_object()) return f;
  for (const auto& [key, value] : memory_->root->get_object()) {
    set_field(f, {key.data(), key.size()}, value);
  }
  return f;
}

}  // namespace chat::demo
