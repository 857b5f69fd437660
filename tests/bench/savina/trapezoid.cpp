// Trapezoid: a hundred actors each integrate a part of one function.
#include "savina.hpp"

#include <algorithm>
#include <cmath>

double f(double x) {
  return std::sqrt(1 + std::exp(std::sqrt(2 * x))) * std::sin(x * x * x - 1) / (x + 1);
}

struct worker {
  struct integrate {
    double from, to;
    int pieces;
  };
  using protocol = troupe::protocol<double(integrate)>;

  double on(integrate m) const {
    const double width = (m.to - m.from) / m.pieces;
    double sum = (f(m.from) + f(m.to)) / 2;
    for (int i = 1; i < m.pieces; ++i) sum += f(m.from + i * width);
    return sum * width;
  }
};

// Another rule, with errors of another order.
double simpson(double from, double to, int pairs) {
  const double width = (to - from) / (2 * pairs);
  double sum = f(from) + f(to);
  for (int i = 1; i < 2 * pairs; ++i) sum += (i % 2 == 1 ? 4 : 2) * f(from + i * width);
  return sum * width / 3;
}

int main(int argc, char** argv) {
  return savina::run("trapezoid", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int workers = 100;
    const int pieces = std::max(1, bench.size(40'000'000) / workers);
    const double from = 1, to = 5;
    const double part = (to - from) / workers;
    auto node = savina::start_node();

    const double sum = bench.measure(double{workers} * pieces, "pieces", [&] {
      std::vector<troupe::answer<double>> answers;
      for (int i = 0; i < workers; ++i) {
        const worker::integrate share{from + i * part, from + (i + 1) * part, pieces};
        answers.push_back(node.spawn<worker>().ask(share, savina::patience));
      }
      double total = 0;
      for (auto& a : answers) total += a.value();
      return total;
    });

    // The rule's own error is (to - from) / 12 width² |f''|, and |f''| stays below 1e5 here.
    const double width = part / pieces;
    const double tolerance = (to - from) / 12 * width * width * 1e5 + 1e-9;
    const double wanted = simpson(from, to, 100'000);
    if (!(std::abs(sum - wanted) <= tolerance)) bench.expect("integral", sum, wanted);
  });
}
