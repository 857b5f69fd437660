#include "oracle/supervised_tree.hpp"

#include <algorithm>
#include <sstream>

namespace oracle {
namespace {

std::string ordered(const std::string& trace) {
  std::vector<std::string> lines;
  std::istringstream in(trace);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const auto is_dynamic_end = [](const std::string& l) { return l.starts_with("down d"); };
  for (auto at = lines.begin(); at != lines.end();) {
    const auto first = std::find_if(at, lines.end(), is_dynamic_end);
    at = std::find_if_not(first, lines.end(), is_dynamic_end);
    std::sort(first, at);
  }
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

std::vector<std::string> run(supervised_tree& tree, const tree_case& one) {
  std::vector<std::string> traces{ordered(tree.start(one))};
  for (const tree_step& step : one.steps) traces.push_back(ordered(tree.apply(step)));
  traces.push_back(ordered(tree.stop()));
  return traces;
}

}  // namespace oracle
