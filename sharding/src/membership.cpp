#include <troupe/core/codec.hpp>
#include <troupe/core/detail/mixing.hpp>
#include <troupe/sharding/membership.hpp>

#include <algorithm>
#include <utility>

namespace troupe::sharding {

namespace {

constexpr lease_time retry_pause = std::chrono::milliseconds{200};
constexpr lease_time links_patience = std::chrono::milliseconds{1000};

/// A stream of incarnations from the first.
std::uint64_t incarnation_after(std::uint64_t seed, std::uint64_t count) {
  return detail::mixed(seed + count * detail::mixing_step) | 1;
}

template <class T>
std::string to_bytes(const T& value) {
  std::string bytes;
  writer out{bytes};
  encode(out, value);
  return bytes;
}

template <class T>
bool from_bytes(const std::string& bytes, T& value) {
  reader in{bytes};
  return decode(in, value);
}

}  // namespace

std::string_view to_string(member_state state) noexcept {
  switch (state) {
    case member_state::joining: return "joining";
    case member_state::up: return "up";
    case member_state::leaving: return "leaving";
    case member_state::gone: return "gone";
  }
  return "unknown";
}

membership::membership(membership_config config) : config_(std::move(config)) {}

std::vector<membership_action> membership::step(lease_time now, const membership_event& what) {
  actions out;
  // The deadline is looked at before anything else is done, whatever happened during a pause.
  if (lease_ != 0 && now >= deadline()) {
    lose_lease("the lease could not be renewed in time", out);
    next_renewal_ = now;
  }
  std::visit([&](const auto& e) { on(now, e, out); }, what);
  return out;
}

lease_time membership::deadline() const noexcept {
  const lease_time lease = config_.lease;
  const lease_time margin = std::min<lease_time>(lease / 10, std::chrono::seconds{1});
  return lease_sent_ + lease - lease / 100 - margin;
}

lease_time membership::serve_until() const noexcept {
  const bool up = state_ == member_state::up || state_ == member_state::leaving;
  return lease_ != 0 && up ? deadline() : lease_time{0};
}

lease_time membership::admit_until() const noexcept {
  if (serve_until() == lease_time{0}) return lease_time{0};
  return lease_sent_ + lease_time{config_.lease} / 3 * 2;
}

lease_time membership::next_due() const noexcept {
  if (state_ == member_state::gone) return lease_time::max();
  if (lease_ == 0) return next_renewal_;
  const auto patience_ends = joined_at_ + links_patience;
  const bool patient = state_ == member_state::joining && !up_proposed_;
  return std::min({next_renewal_, deadline(), patient ? patience_ends : lease_time::max()});
}

void membership::on(lease_time now, const time_passed&, actions& out) {
  if (state_ == member_state::gone) return;
  if (lease_ != 0 && state_ == member_state::joining) advance_self(now, out);
  if (now < next_renewal_) return;
  if (lease_ == 0) {
    if (leaving_) {
      state_ = member_state::gone;
      return;
    }
    next_renewal_ = now + retry_pause;
    out.emplace_back(grant_lease{});
  } else {
    // Soon again, unless it succeeds: of a lease there are not many thirds to lose.
    next_renewal_ = now + std::min<lease_time>(config_.lease / 3, retry_pause);
    out.emplace_back(renew_lease{lease_});
  }
}

void membership::on(lease_time now, const lease_granted& granted, actions& out) {
  if (state_ == member_state::gone) return out.emplace_back(revoke_lease{granted.lease}), void();
  lease_ = granted.lease;
  lease_sent_ = granted.sent;
  joined_at_ = now;
  next_renewal_ = granted.sent + config_.lease / 3;
  advance_self(now, out);
}

void membership::on(lease_time, const lease_renewed& renewed, actions&) {
  if (lease_ == 0) return;
  lease_sent_ = std::max(lease_sent_, renewed.sent);
  next_renewal_ = lease_sent_ + std::min<lease_time>(config_.lease / 3, std::chrono::seconds{5});
}

void membership::on(lease_time now, const lease_refused&, actions& out) {
  if (lease_ == 0) return;
  lose_lease("the coordination store says that the lease has ended", out);
  next_renewal_ = now;
}

void membership::on(lease_time now, const links_ready&, actions& out) {
  links_ready_ = true;
  if (state_ == member_state::joining) advance_self(now, out);
}

void membership::on(lease_time now, const leave_asked&, actions& out) {
  leaving_ = true;
  if (lease_ == 0) {
    state_ = member_state::gone;
  } else {
    advance_self(now, out);
  }
}

void membership::on(lease_time now, const handed_over&, actions& out) {
  handed_over_ = true;
  if (lease_ != 0) advance_self(now, out);
}

void membership::lose_lease(const std::string& why, actions& out) {
  // Revoked as well: if the store still holds it, others need not wait for its end.
  out.emplace_back(stop_serving{why});
  out.emplace_back(revoke_lease{lease_});
  lease_ = 0;
  links_ready_ = false;
  up_proposed_ = false;
  if (leaving_) {
    state_ = member_state::gone;
    return;
  }
  state_ = member_state::joining;
  config_.self.incarnation = incarnation_after(config_.self.incarnation, ++incarnations_);
  out.emplace_back(become{config_.self.incarnation});
}

std::string membership::member_key(const std::string& name) const {
  return config_.prefix + "members/" + name;
}

store_write membership::own_record(member_state state) const {
  return {member_key(config_.self.name), to_bytes(member_record{config_.self, state}), lease_,
          false};
}

void membership::read_settings(const store_snapshot& s, actions& out) {
  const auto found = s.keys.find(config_.prefix + "settings");
  settings_modified_ = found == s.keys.end() ? 0 : found->second.modified;
  if (found == s.keys.end()) {
    settings_ = settings::absent;
  } else if (found->second.value == config_.settings) {
    settings_ = settings::agreed;
  } else if (records_.empty()) {
    settings_ = settings::absent;  // of a cluster that nobody is in any more
  } else {
    settings_ = settings::different;
    out.emplace_back(
        give_up{{errc::invalid_config, "this cluster runs with other [sharding] settings (" +
                                           found->second.value + ") than this node (" +
                                           config_.settings + "); make them equal"}});
  }
}

void membership::on(lease_time now, const store_read& read, actions& out) {
  records_.clear();
  view_ = {};
  view_modified_ = 0;
  const auto members = member_key("");
  for (const auto& [key, stored] : read.snapshot.keys) {
    member_record record;
    if (key == config_.prefix + "view") {
      view_modified_ = stored.modified;
      (void)from_bytes(stored.value, view_);
    } else if (key.starts_with(members) && from_bytes(stored.value, record)) {
      records_[record.self.name] = {record, stored};
    }
  }
  std::vector<member_record> all;
  for (const auto& [name, entry] : records_) all.push_back(entry.first);
  publish told{view_, std::move(all), {}};
  for (const auto& [name, entry] : records_) told.modified[name] = entry.second.modified;
  out.emplace_back(std::move(told));
  if (state_ == member_state::gone) return;
  read_settings(read.snapshot, out);
  advance_self(now, out);
  propose_view(out);
}

// One step of our own record towards where we want to be; the next read of the store shows the
// result.
void membership::advance_self(lease_time now, actions& out) {
  if (lease_ == 0 || settings_ == settings::different) return;
  if (settings_ == settings::absent) {
    const auto where = config_.prefix + "settings";
    out.emplace_back(
        commit_txn{{{{where, settings_modified_}}, {{where, config_.settings, 0, false}}}});
    return;
  }
  const auto key = member_key(config_.self.name);
  const auto found = records_.find(config_.self.name);
  const auto put = [&](member_state to, revision modified) {
    out.emplace_back(commit_txn{{{{key, modified}}, {own_record(to)}}});
  };
  if (found == records_.end()) {
    if (!leaving_) return put(member_state::joining, 0);
    out.emplace_back(revoke_lease{lease_});
    lease_ = 0;
    state_ = member_state::gone;
    return;
  }
  const auto& [record, stored] = found->second;
  if (record.self.incarnation != config_.self.incarnation) {
    // An earlier life of ours: its process cannot be alive, since we listen on its address.
    if (record.self.address == config_.self.address) {
      put(member_state::joining, stored.modified);
    } else {
      out.emplace_back(give_up{{errc::name_in_use, "the name " + config_.self.name +
                                                       " belongs to a live node at " +
                                                       to_string(record.self.address)}});
    }
    return;
  }
  state_ = record.state;
  if (leaving_ && record.state != member_state::leaving) {
    put(member_state::leaving, stored.modified);
  } else if (record.state == member_state::joining &&
             (links_ready_ || now >= joined_at_ + links_patience)) {
    up_proposed_ = true;
    put(member_state::up, stored.modified);
  } else if (leaving_ && (handed_over_ || alone()) && !view_.find(config_.self.name)) {
    out.emplace_back(revoke_lease{lease_});
    lease_ = 0;
    state_ = member_state::gone;
  }
}

// Nobody is there, or comes, who could take what this node owns.
bool membership::alone() const {
  return std::ranges::all_of(records_, [this](const auto& entry) {
    return entry.first == config_.self.name || entry.second.first.state == member_state::leaving;
  });
}

void membership::propose_view(actions& out) {
  if (lease_ == 0 || settings_ != settings::agreed) return;
  view next{view_.epoch + 1, {}};
  for (const auto& [name, entry] : records_) {
    if (entry.first.state == member_state::up) next.members.push_back(entry.first.self);
  }
  if (next.members == view_.members) return;
  const auto key = config_.prefix + "view";
  out.emplace_back(commit_txn{{{{key, view_modified_}}, {{key, to_bytes(next), 0, false}}}});
}

}  // namespace troupe::sharding
