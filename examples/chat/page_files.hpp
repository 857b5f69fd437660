// The page's files, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace chat {

/// One file of examples/chat/page, served at `path`: "/ring.js"; index.html is at "/".
struct page_file {
  std::string_view path;
  std::string_view type;  ///< for Content-Type: "text/html; charset=utf-8"
  std::string_view body;
};

/// All of them. Any thread; valid as long as the program runs.
[[nodiscard]] std::span<const page_file> page_files();

}  // namespace chat
