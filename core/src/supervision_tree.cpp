#include <troupe/core/supervision_tree.hpp>

namespace troupe {

std::string to_string(const supervision_tree& tree) {
  std::string text;
  for (const auto& line : tree.lines) {
    text += std::string(std::size_t{line.depth} * 2, ' ') + line.name + ' ' + line.kind;
    if (!line.restart.empty()) text += ' ' + line.restart;
    text += ' ' + line.state;
    if (line.restarts > 0) text += ", restarted " + std::to_string(line.restarts) + " times";
    text += '\n';
  }
  if (tree.left_out > 0) text += "and " + std::to_string(tree.left_out) + " more\n";
  return text;
}

}  // namespace troupe
