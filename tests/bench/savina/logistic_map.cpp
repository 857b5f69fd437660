// Logistic map: ten actors follow x -> r x (1 - x), and ask another ten for each next term.
#include "savina.hpp"

double next_term(double rate, double x) {
  return rate * x * (1 - x);
}

struct computer {
  struct compute {
    double x;
  };
  using protocol = troupe::protocol<double(compute)>;

  explicit computer(double r) : rate(r) {}

  double on(compute m) const { return next_term(rate, m.x); }

  double rate;
};

struct series {
  struct follow {
    double start;
    int terms;
  };
  using protocol = troupe::protocol<double(follow)>;

  explicit series(troupe::actor_ref<computer> whom) : helper(std::move(whom)) {}

  /// Answers the last term.
  troupe::later<double> on(follow m, troupe::context& ctx) {
    terms_left = m.terms;
    finished = ctx.later<double>();
    go_on(m.start, ctx);
    return finished;
  }
  void go_on(double x, troupe::context& ctx) {
    if (terms_left-- == 0) return finished.set(x);
    ctx.ask(helper, computer::compute{x}, savina::patience)
        .then([this](const troupe::result<double>& next, troupe::context& then) {
          if (!next) return finished.set(next);
          go_on(*next, then);
        });
  }

  troupe::actor_ref<computer> helper;
  int terms_left = 0;
  troupe::later<double> finished;
};

int main(int argc, char** argv) {
  return savina::run("logistic_map", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int number = 10;
    const int terms = bench.size(75'000);
    const auto rate = [](int i) { return 3.6 + 0.03 * i; };
    const auto start = [](int i) { return 0.2 + 0.05 * i; };
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<series>> all;
    for (int i = 0; i < number; ++i)
      all.push_back(node.spawn<series>(node.spawn<computer>(rate(i))));

    const auto last = bench.measure(double{number} * terms, "terms", [&] {
      std::vector<troupe::answer<double>> answers;
      for (int i = 0; i < number; ++i)
        answers.push_back(all[i].ask(series::follow{start(i), terms}, savina::patience));
      std::vector<double> values;
      for (auto& a : answers) values.push_back(a.value());
      return values;
    });

    for (int i = 0; i < number; ++i) {
      double x = start(i);
      for (int t = 0; t < terms; ++t) x = next_term(rate(i), x);
      bench.expect("last term of series " + std::to_string(i), last[i], x);
    }
  });
}
