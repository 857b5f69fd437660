// expect: troupe: for each event that a behaviour remembers it has void apply(const event&)
#include <troupe/troupe.hpp>

struct diary {
  static constexpr auto name = "diary";
  struct write {};
  struct written {};
  struct erased {};
  using protocol = troupe::protocol<void(write)>;
  using remembers = troupe::remembers<written, erased>;

  void on(write, troupe::context& ctx) { ctx.persist(written{}); }
  void apply(const written&) {}
};

void start(troupe::node& node) {
  troupe::entities<diary> diaries{node};
}
