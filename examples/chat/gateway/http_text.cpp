#include "http_text.hpp"

#include <array>
#include <utility>

namespace chat::gate {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class plus { literal, space };  // in a query '+' stands for a space

std::optional<std::string> decode(std::string_view text, plus rule) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && rule == plus::space) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

/// Splits at the first `mark`; the second part is empty when there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 14> reasons{{
      {200, "OK"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const auto& [code, reason] : reasons) {
    if (code == status) return reason;
  }
  return "Status";
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out += (c == '\r' || c == '\n') ? ' ' : c;
  out += "\r\n";
}

}  // namespace

std::optional<request_target> parse_target(std::string_view text) {
  if (text.empty() || text.front() != '/') return std::nullopt;
  auto [path_text, rest] = split(text, '?');
  auto path = decode(path_text, plus::literal);
  if (!path) return std::nullopt;

  request_target target{std::move(*path), {}};
  while (!rest.empty()) {
    const auto [pair, others] = split(rest, '&');
    rest = others;
    if (pair.empty()) continue;
    const auto [name_text, value_text] = split(pair, '=');
    auto name = decode(name_text, plus::space);
    auto value = decode(value_text, plus::space);
    if (!name || !value) return std::nullopt;
    target.query.emplace(std::move(*name), std::move(*value));
  }
  return target;
}

http_answer error_answer(int status, std::string_view sentence) {
  http_answer answer;
  answer.status = status;
  answer.body.append("{\"error\":\"").append(sentence).append("\"}");
  return answer;
}

std::string answer_text(const http_answer& answer, answer_form form) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out.append(reason_of(answer.status)).append("\r\n");
  for (const auto& [name, value] : answer.headers) append_field(out, name, value);
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (!bodiless) {
    append_field(out, "Content-Type", answer.type);
    append_field(out, "Content-Length", std::to_string(answer.body.size()));
  }
  append_field(out, "Connection", form.keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (form.with_body && !bodiless) out += answer.body;
  return out;
}

}  // namespace chat::gate
