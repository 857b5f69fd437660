// What all fuzz targets share: promises that break loudly, what the heap was asked for, seeds.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::fuzz {

/// Thrown by `promise`. Under libFuzzer it ends the process, which keeps the input; a replay prints
/// it.
class broken_promise : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// What must hold for every input; `sentence` says it.
inline void promise(bool kept, const char* sentence) {
  if (!kept) throw broken_promise(sentence);
}

/// Bytes that this process has asked of operator new so far; what was given back is not taken off.
[[nodiscard]] std::size_t heap_asked() noexcept;

/// Bytes of just their size on the heap, so that a sanitizer sees every access beyond their end.
[[nodiscard]] inline std::vector<char> exact_copy(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

/// ASCII without control characters: fit for a line of a log.
[[nodiscard]] bool is_one_line(std::string_view text) noexcept;

/// Each target defines this: inputs that today's own writers make, so that fuzzing starts behind
/// the first checks also after the format has changed.
[[nodiscard]] std::vector<std::string> seeds();

}  // namespace troupe::fuzz
