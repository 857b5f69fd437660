// HTTP as text: what a request target means, and how an answer is written. Pure functions.
#pragma once

#include "../gateway.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace chat::gate {

/// A request target, decoded: "/a%20b?x=1&y" has the path "/a b" and the query {x: "1", y: ""}.
struct request_target {
  std::string path;
  std::map<std::string, std::string> query;  ///< of a name given twice, the first
};

/// Nothing when `text` does not begin with '/', or holds a '%' without two hexadecimal digits, or a
/// NUL.
[[nodiscard]] std::optional<request_target> parse_target(std::string_view text);

/// {"error": sentence}. `sentence` holds nothing that JSON would escape.
[[nodiscard]] http_answer error_answer(int status, std::string_view sentence);

/// Whether the answer's body is written (not for HEAD), and whether another request may follow.
struct answer_form {
  bool with_body = true;
  bool keep_alive = true;
};

/// The whole answer as it goes over the wire. Line breaks in header values become spaces.
[[nodiscard]] std::string answer_text(const http_answer& answer, answer_form form);

}  // namespace chat::gate
