// How the workers of a tree that was read from a file are made.
#pragma once

#include <troupe/core/result.hpp>
#include <troupe/supervision/child_spec.hpp>
#include <troupe/supervision/spec.hpp>
#include <troupe/supervision/supervisor_spec.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace troupe::supervision {

/// Behaviours by the name of their child: `workers().make("web/page", child<page>(port))`. The file
/// says how they are supervised, so what `child` says of that is not looked at.
class workers {
 public:
  /// `name`: a child's id, or its path below the top where ids repeat. The last one of a name
  /// counts.
  template <class T>
  workers&& make(std::string name, const child_spec<T>& how) && {
    births_.insert_or_assign(std::move(name), how.birth());
    return std::move(*this);
  }

  /// The tree, to be started. `invalid_config`: a worker of it that nobody makes, or one that is
  /// made and is not in it.
  [[nodiscard]] result<supervisor_spec> in(const spec& tree) const;

 private:
  std::map<std::string, detail::birth, std::less<>> births_;
};

}  // namespace troupe::supervision
