#include <troupe/sharding/ring.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>
#include <numeric>
#include <optional>
#include <utility>

namespace troupe::sharding {
namespace {

// Below one, shards would have nowhere to go; so close above it that rounding might do the same.
constexpr double least_load_bound = 1.01;

bool takes_part(const member& m) {
  return m.weight > 0;
}

// Members in the order of their names. Everything that depends on an order uses this one, also the
// sum of weights: floating-point addition is not associative.
std::vector<member_index> by_name(const view& v) {
  std::vector<member_index> order(v.members.size());
  std::iota(order.begin(), order.end(), member_index{0});
  std::sort(order.begin(), order.end(),
            [&v](member_index a, member_index b) { return v.members[a].name < v.members[b].name; });
  return order;
}

void append_tokens(const member& m, member_index index, std::uint32_t vnodes,
                   std::vector<token>& tokens) {
  const auto count = std::max<std::int64_t>(1, std::llround(vnodes * m.weight));
  std::string text = m.name + ':';
  const std::size_t prefix = text.size();
  text.resize(prefix + 20);
  for (std::int64_t i = 0; i < count; ++i) {
    const char* end = std::to_chars(text.data() + prefix, text.data() + text.size(), i).ptr;
    const std::string_view name{text.data(), static_cast<std::size_t>(end - text.data())};
    tokens.push_back({placement_hash(name), index});
  }
}

std::vector<token> make_tokens(const view& v, const std::vector<member_index>& order,
                               std::uint32_t vnodes) {
  std::vector<token> tokens;
  for (member_index m : order) {
    if (takes_part(v.members[m])) append_tokens(v.members[m], m, vnodes, tokens);
  }
  // Stable: of two tokens at one place the first by name comes first.
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const token& a, const token& b) { return a.at < b.at; });
  return tokens;
}

// How many shards each member may hold. The sum is at least the number of shards.
std::vector<std::uint32_t> make_room(const view& v, const std::vector<member_index>& order,
                                     const sharding_options& options) {
  double weights = 0;
  for (member_index m : order) weights += takes_part(v.members[m]) ? v.members[m].weight : 0;
  const double bound = std::max(least_load_bound, options.load_bound) * options.shards;

  std::vector<std::uint32_t> room(v.members.size(), 0);
  for (member_index m : order) {
    if (!takes_part(v.members[m])) continue;
    const double most = std::ceil(bound * (v.members[m].weight / weights));
    room[m] = static_cast<std::uint32_t>(std::min<double>(most, options.shards));
  }
  return room;
}

// Who keeps its place where a member has too many: the shard that walked past fewer tokens, then
// the nearer one. Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2018) lets
// shards come one after the other, and then who walks depends on who came first. Here it is a
// stable matching (Gale, Shapley 1962) of shards, which prefer members in the order of their walk,
// and members, which prefer by `operator<`: with strict preferences exactly one is best for all
// shards, so no order of members or shards matters. A join then moves a tenth to a third fewer
// shards between the nodes that stay, for those at their first token are never rearranged for
// those that have walked.
struct claim {
  std::uint32_t walked = 0;  // tokens passed by
  std::uint64_t distance = 0;
  shard_id shard = 0;

  friend auto operator<=>(const claim&, const claim&) = default;
};

class matching {
 public:
  matching(const std::vector<token>& tokens, const std::vector<std::uint32_t>& room)
      : tokens_(tokens), room_(room), held_(room.size()) {}

  std::vector<member_index> run(std::uint32_t shards) {
    first_.resize(shards);
    for (shard_id shard = 0; shard < shards; ++shard) {
      first_[shard] = first_token(shard);
      std::optional<claim> open = claim_of(shard, 0);
      while (open) open = settle(*open);
    }
    return owners(shards);
  }

 private:
  std::size_t first_token(shard_id shard) const {
    const auto found =
        std::lower_bound(tokens_.begin(), tokens_.end(), shard_position(shard),
                         [](const token& t, std::uint64_t position) { return t.at < position; });
    return found == tokens_.end() ? 0 : static_cast<std::size_t>(found - tokens_.begin());
  }

  const token& token_of(const claim& c) const {
    return tokens_[(first_[c.shard] + c.walked) % tokens_.size()];
  }

  claim claim_of(shard_id shard, std::uint32_t walked) const {
    claim c{walked, 0, shard};
    c.distance = token_of(c).at - shard_position(shard);  // around the end: modulo 2^64
    return c;
  }

  // Gives `open` its place; returns the claim that has to walk on for it, or that of `open` itself.
  // Terminates: a shard walks on only from a member that is full, and there is room for all.
  std::optional<claim> settle(claim open) {
    const member_index m = token_of(open).member;
    auto& held = held_[m];
    if (held.size() < room_[m]) {
      push(held, open);
      return std::nullopt;
    }
    if (open < held.front()) {
      std::pop_heap(held.begin(), held.end());
      std::swap(held.back(), open);
      std::push_heap(held.begin(), held.end());
    }
    return claim_of(open.shard, open.walked + 1);
  }

  static void push(std::vector<claim>& heap, const claim& c) {
    heap.push_back(c);
    std::push_heap(heap.begin(), heap.end());
  }

  std::vector<member_index> owners(std::uint32_t shards) const {
    std::vector<member_index> owners(shards, nobody);
    for (member_index m = 0; m < held_.size(); ++m) {
      for (const claim& c : held_[m]) owners[c.shard] = m;
    }
    return owners;
  }

  const std::vector<token>& tokens_;
  const std::vector<std::uint32_t>& room_;
  std::vector<std::vector<claim>> held_;  // by member: a heap with the weakest claim in front
  std::vector<std::size_t> first_;        // by shard: the token where its walk starts
};

void apply(const shard_overrides& overrides, const view& v, const std::vector<member_index>& order,
           std::vector<member_index>& owners) {
  for (const auto& [shard, name] : overrides) {
    const auto found = std::lower_bound(
        order.begin(), order.end(), name,
        [&v](member_index m, const std::string& wanted) { return v.members[m].name < wanted; });
    const bool known = found != order.end() && v.members[*found].name == name;
    if (known && shard < owners.size()) owners[shard] = *found;
  }
}

}  // namespace

ring::ring(const view& members, const sharding_options& options, const shard_overrides& overrides) {
  const std::vector<member_index> order = by_name(members);
  tokens_ = make_tokens(members, order, options.vnodes);
  if (tokens_.empty()) {
    owners_.assign(options.shards, nobody);
  } else {
    const std::vector<std::uint32_t> room = make_room(members, order, options);
    owners_ = matching{tokens_, room}.run(options.shards);
  }
  apply(overrides, members, order, owners_);
}

std::uint32_t ring::shards_of(member_index member) const noexcept {
  return static_cast<std::uint32_t>(std::count(owners_.begin(), owners_.end(), member));
}

std::uint64_t shard_position(shard_id shard) noexcept {
  // The bits of the number in reverse (van der Corput 1935), so that only the tokens lie unevenly.
  // With positions drawn by hash the loads vary more, the bound displaces more shards, and a join
  // moves about half as many again between the nodes that stay.
  std::uint64_t reversed = 0;
  for (int bit = 0; bit < 32; ++bit) reversed = reversed << 1 | (shard >> bit & 1u);
  return reversed << 32;
}

}  // namespace troupe::sharding
