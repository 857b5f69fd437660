#include "runtime/own_links.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/kept_cell.hpp"

#include <utility>

namespace troupe::runtime {

std::string link_sentence(const std::string& who, const exit_reason& why) {
  const auto says = [&]() -> std::string {
    switch (why.kind) {
      case exit_kind::normal: return "which stopped";
      case exit_kind::shutdown: return "which was shut down";
      case exit_kind::crashed: return "which crashed: " + why.what;
      case exit_kind::unreachable: return "which is unreachable: " + why.what;
      case exit_kind::killed: return "which was killed";
    }
    return "which ended";
  };
  return ("linked to " + who + ", " + says()).substr(0, link_word::longest_text);
}

namespace {

std::string name_of(const cell& one) {
  return std::string{one.type().name} + " " + std::to_string(one.known_number());
}

/// The sender, as its receiver `to` sees it.
std::string name_of(const cell& to, const detail::route& from, const std::string& who) {
  if (from.cell()) return who.empty() ? name_of(*from.cell()) : who;
  const auto& [node, number] = from.far_place();
  const auto name = who.empty() ? "actor " + std::to_string(number) : who;
  return node == to.made_as().node ? name : name + " on " + node;
}

}  // namespace

/// On its way into a cell. A join that is dropped there has come too late: the actor has ended.
class own_links::letter {
 public:
  letter(cell& to, detail::route from, link_word word)
      : to_(&to), from_(std::move(from)), word_(std::move(word)) {}
  letter(letter&& other) noexcept
      : to_(std::exchange(other.to_, nullptr)),
        from_(std::move(other.from_)),
        word_(std::move(other.word_)) {}
  letter& operator=(letter&&) = delete;
  ~letter() {
    if (to_ && word_.verb == link_verb::join) refuse();
  }
  void operator()(cell& c, cell_context& ctx) {
    to_ = nullptr;
    c.extra().watching().links().hear(c, ctx, from_, word_);
  }

 private:
  // By its number: its last reference may be going.
  void refuse() {
    link_word gone{link_verb::exit, word_.link.on_the_other_side(), name_of(*to_),
                   to_->how_ended()};
    if (auto* const asker = from_.cell()) {
      const detail::place late{to_->made_as().node, to_->known_number()};
      say(*asker, detail::route{nullptr, late}, std::move(gone));
    } else {
      (void)from_.via()->link(from_.far_place(), to_->known_number(), gone);
    }
  }

  cell* to_;  // around, as long as something is in its mailbox
  detail::route from_;
  link_word word_;
};

void own_links::say(cell& to, detail::route from, link_word word) {
  auto message = make_signal<detail::lane::signal>(letter{to, std::move(from), std::move(word)});
  (void)to.push_own(message);
}

errc own_links::tell(cell& owner, const detail::route& whom, link_word word) {
  word.link = word.link.on_the_other_side();
  if (auto* const here = whom.cell())
    return say(*here, detail::route{owner}, std::move(word)), errc::ok;
  if (whom.via()) return whom.via()->link(whom.far_place(), owner.known_number(), word);
  return errc::ok;  // to nowhere, or to one that ended before it was known here
}

errc own_links::link(cell& owner, const detail::route& whom) {
  const auto* const here = whom.cell();
  if (owner.made_as().entity || (here && here->made_as().entity)) return errc::unavailable;
  if (!whom || whom == detail::route{owner}) return errc::ok;
  if (!here) owner.services().introduce(owner);
  const half made{{owner.services().next_number(), true}, true};
  const errc told = tell(owner, whom, {link_verb::join, made.link, {}, {}});
  if (told != errc::ok) return told;
  const auto [first, last] = halves_.equal_range(whom);  // their exits may be under way
  for (auto it = first; it != last; ++it) it->second.awake = true;
  halves_.emplace(whom, made);
  return errc::ok;
}

// It takes the place of its maker's last one, whose maker is told.
void own_links::take_join(cell& owner, const detail::route& from, link_id link) {
  const auto [first, last] = halves_.equal_range(from);
  for (auto it = first; it != last; ++it) {
    if (it->second.link.mine) continue;
    (void)tell(owner, from, {link_verb::cut, it->second.link, {}, {}});
    halves_.erase(it);
    break;
  }
  halves_.emplace(from, half{link, true});
}

void own_links::unlink(cell& owner, const detail::route& whom) {
  const auto [first, last] = halves_.equal_range(whom);
  for (auto it = first; it != last; ++it) {
    (void)tell(owner, whom, {link_verb::cut, it->second.link, {}, {}});
  }
  halves_.erase(first, last);
}

void own_links::sleep() noexcept {
  for (auto& [whom, one] : halves_) one.awake = false;
}

void own_links::tell(cell& owner, const exit_reason& why) {
  if (halves_.empty()) return;
  const auto name = name_of(owner);
  for (const auto& [whom, one] : std::exchange(halves_, {})) {
    (void)tell(owner, whom, {link_verb::exit, one.link, name, why});
  }
}

own_links::halves::iterator own_links::find(const detail::route& whom, link_id link) {
  const auto [first, last] = halves_.equal_range(whom);
  for (auto it = first; it != last; ++it) {
    if (it->second.link == link) return it;
  }
  return halves_.end();
}

// An exit of a link that is not known was sent before this side, or the other, cut it.
void own_links::hear(cell& owner, cell_context& ctx, const detail::route& from,
                     const link_word& word) {
  if (word.verb == link_verb::join) return take_join(owner, from, word.link);
  const auto found = find(from, word.link);
  if (found == halves_.end()) return;
  const bool awake = found->second.awake;
  halves_.erase(found);
  if (word.verb == link_verb::cut || !awake) return;
  const auto [first, last] = halves_.equal_range(from);  // the other one of the two: told as well
  for (auto it = first; it != last; ++it) it->second.awake = false;
  end_with(owner, ctx, from, word);
}

void own_links::end_with(cell& owner, cell_context& ctx, const detail::route& whom,
                         const link_word& last) {
  if (owner.phase_ != cell::phase::running) return;  // it is ending, or has no state to end
  switch (last.why.kind) {
    case exit_kind::normal: return;
    case exit_kind::shutdown: return kept_cell::go_down(owner, last.why, ctx);
    case exit_kind::crashed:
    case exit_kind::unreachable:
    case exit_kind::killed: break;
  }
  owner.crash("link", link_sentence(name_of(owner, whom, last.who), last.why));
}

}  // namespace troupe::runtime
