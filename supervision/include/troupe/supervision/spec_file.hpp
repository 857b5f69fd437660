// Supervision trees from TOML: the policies of a tree that its program knows how to make.
#pragma once

#include <troupe/supervision/spec.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::supervision {

inline constexpr std::size_t max_spec_bytes = 1 << 20;

/// The tree that `toml` writes down, checked; else what is wrong with it, with line and column:
/// "tree.toml:7:1: root/web/session: restart: …". `file` is how it is called in complaints.
///
/// A child has `id`, `restart`, `shutdown` ("2s", "infinity", "brutal_kill"), `significant` and
/// `backoff` (`first`, `longest`, `quiet`). With a `strategy` it is a supervisor, and may have
/// `restarts`, `period`, `auto_shutdown`, `max_children` and `[[children]]`.
[[nodiscard]] result<spec> read_spec(std::string_view toml, const std::string& file);

}  // namespace troupe::supervision
