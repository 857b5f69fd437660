// Filterbank: a signal goes through eight chains of filters, and what comes out of them is added
// up again.
#include "savina.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>

using wave = std::vector<double>;
using filter = std::function<double(double)>;

filter delayed(int length) {
  return [past = std::deque<double>(length)](double x) mutable {
    past.push_back(x);
    const double old = past.front();
    past.pop_front();
    return old;
  };
}
filter weighted(wave weights) {
  return [weights, past = std::deque<double>(weights.size())](double x) mutable {
    past.push_front(x);
    past.pop_back();
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * past[i];
    return sum;
  };
}
filter every(int nth) {
  return [nth, count = 0](double x) mutable { return count++ % nth == 0 ? x : 0.0; };
}

constexpr int channels = 8;

/// The filters of one channel; each call gives fresh ones.
std::vector<filter> chain(int channel) {
  wave analysis, synthesis;
  for (int i = 0; i < 16; ++i) {
    analysis.push_back(std::cos(0.1 * (channel + 1) * i));
    synthesis.push_back(std::sin(0.2 * (channel + 1) * i));
  }
  return {delayed(channel + 1), weighted(analysis), every(channels), delayed(2),
          weighted(synthesis)};
}

/// Adds up what the channels give for one moment, when the last of them has given it.
struct adder {
  struct value {
    int channel;
    double x;
  };
  struct result_of {
    int samples;
  };
  struct reached {
    int samples;
  };
  using protocol = troupe::protocol<void(value), wave(result_of), bool(reached)>;

  void on(value m) {
    waiting[m.channel].push_back(m.x);
    const auto empty = [](const auto& queue) { return queue.empty(); };
    if (std::any_of(waiting.begin(), waiting.end(), empty)) return;
    double sum = 0;
    for (auto& queue : waiting) {
      sum += queue.front();
      queue.pop_front();
    }
    output.push_back(sum);
    if (wanted == output.size()) finished.set(output);
    if (mark == output.size()) passed.set(true);
  }
  troupe::later<wave> on(result_of m, troupe::context& ctx) {
    wanted = m.samples;
    finished = ctx.later<wave>();
    if (output.size() == wanted) finished.set(output);
    return finished;
  }
  /// Answers when so many samples have come out.
  troupe::later<bool> on(reached m, troupe::context& ctx) {
    mark = m.samples;
    passed = ctx.later<bool>();
    if (output.size() >= mark) passed.set(true);
    return passed;
  }

  std::array<std::deque<double>, channels> waiting;
  wave output;
  std::size_t wanted = 0;
  std::size_t mark = 0;
  troupe::later<wave> finished;
  troupe::later<bool> passed;
};

struct stage {
  struct value {
    double x;
  };
  using protocol = troupe::protocol<void(value)>;
  using outlet = std::function<troupe::errc(double, troupe::context&)>;

  stage(filter how, outlet where) : change(std::move(how)), pass_on(std::move(where)) {}

  void on(value m, troupe::context& ctx) { savina::must(pass_on(change(m.x), ctx)); }

  filter change;
  outlet pass_on;
};

/// Plays a signal into all channels, one block ahead of what has come out at their ends.
struct source {
  struct play {
    wave samples;
  };
  using protocol = troupe::protocol<void(play)>;

  static constexpr int block = 500;  // the adder's mailbox holds two blocks of all channels

  source(std::vector<troupe::actor_ref<stage>> in, troupe::actor_ref<adder> out)
      : inlets(std::move(in)), end(std::move(out)) {}

  void on(play m, troupe::context& ctx) {
    samples = std::move(m.samples);
    play_block(ctx);
    play_block(ctx);
    wait(ctx);
  }
  void play_block(troupe::context& ctx) {
    const auto stop = std::min(samples.size(), played + block);
    for (; played < stop; ++played) {
      for (const auto& in : inlets) savina::must(ctx.tell(in, stage::value{samples[played]}));
    }
  }
  void wait(troupe::context& ctx) {
    if (played == samples.size()) return;
    ctx.ask(end, adder::reached{static_cast<int>(played) - block}, savina::patience)
        .then([this](const troupe::result<bool>& out, troupe::context& then) {
          out.value();
          play_block(then);
          wait(then);
        });
  }

  std::vector<troupe::actor_ref<stage>> inlets;
  troupe::actor_ref<adder> end;
  wave samples;
  std::size_t played = 0;
};

wave one_after_another(const wave& samples) {
  wave output(samples.size());
  for (int c = 0; c < channels; ++c) {
    auto filters = chain(c);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      double x = samples[i];
      for (auto& f : filters) x = f(x);
      output[i] += x;
    }
  }
  return output;
}

int main(int argc, char** argv) {
  return savina::run("filterbank", {argv + 1, argv + argc}, [](savina::bench& bench) {
    wave samples(bench.size(100'000));
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i] = static_cast<double>(savina::draw(8, i) % 1'000);
    auto node = savina::start_node();
    const auto sum = node.spawn<adder>();
    std::vector<troupe::actor_ref<stage>> inlets;
    for (int c = 0; c < channels; ++c) {
      stage::outlet next = [sum, c](double x, troupe::context& ctx) {
        return ctx.tell(sum, adder::value{c, x});
      };
      auto filters = chain(c);
      for (auto f = filters.rbegin(); f != filters.rend(); ++f) {
        const auto before = node.spawn<stage>(*f, next);
        next = [before](double x, troupe::context& ctx) {
          return ctx.tell(before, stage::value{x});
        };
        if (f + 1 == filters.rend()) inlets.push_back(before);
      }
    }
    const auto player = node.spawn<source>(inlets, sum);

    const double messages = 6.0 * channels * static_cast<double>(samples.size());
    const auto got = bench.measure(messages, "messages", [&] {
      auto output = sum.ask(adder::result_of{static_cast<int>(samples.size())}, savina::patience);
      savina::must(player.tell(source::play{samples}));
      return output.value();
    });

    const auto wanted = one_after_another(samples);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      bench.expect("sample " + std::to_string(i), got.at(i), wanted[i]);
  });
}
