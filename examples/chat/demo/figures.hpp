// Figures of a run: percentiles, and one line each, "name value unit".
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <string_view>
#include <vector>

namespace chat::demo {

/// The smallest value that at least `percent` of 100 of all values do not exceed; 0 for none.
/// Reorders `values`.
template <class T>
[[nodiscard]] T percentile(std::vector<T>& values, double percent) {
  if (values.empty()) return T{};
  const double share = percent / 100.0 * static_cast<double>(values.size());
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(share))) - 1;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Prints the line at once, so that whoever watches sees how far the run is.
template <class T>
void print_figure(std::string_view name, const T& value, std::string_view unit = {}) {
  std::cout << name << ' ' << value;
  if (!unit.empty()) std::cout << ' ' << unit;
  std::cout << std::endl;
}

}  // namespace chat::demo
