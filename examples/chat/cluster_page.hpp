// What /healthz, /cluster and /cluster/explain answer: the cluster as JSON.
#pragma once

#include "gateway.hpp"
#include <troupe/troupe.hpp>

#include <map>
#include <string>
#include <string_view>

namespace chat {

/// `tree`: of the node that answers.
[[nodiscard]] std::string write_cluster(const troupe::cluster_status& status,
                                        const troupe::supervision_tree& tree);
[[nodiscard]] std::string write_explanation(const troupe::explanation& why);

/// 200 while this node serves, else 503.
[[nodiscard]] http_answer answer_health(const troupe::cluster_status& now);

/// Answers a GET of `path`: the page's files, and the above from `node` and its `cluster`. Any
/// thread.
[[nodiscard]] http_answer answer_get(const troupe::node& node, const troupe::cluster& cluster,
                                     std::string_view path,
                                     const std::map<std::string, std::string>& query);

}  // namespace chat
