#include "cli/explain/serving_project.h"

#include <fmt/format.h>

#include <cstddef>
#include <tuple>
#include <utility>

#include "cli/running/config_in_force.h"
#include "cli/running/project_form.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds project_patience{2'000};

/// As the route table prefers them.
using Rank = std::tuple<bool, std::size_t, std::size_t>;

Rank rank_of(const Explanation* explanation) {
  const ExplainedRoute* const route = explanation == nullptr ? nullptr : explanation->winner();
  if (route == nullptr) return {};
  return {route->host.find('*') == std::string::npos, route->host.size(), route->path.size()};
}

std::optional<Explanation> explained_by(FoundProxy& proxy, const ExplainRequest& request) {
  const auto answer = ask(proxy, {"project", {}}, project_patience);
  auto config = answer ? read_project(*answer) : tl::unexpected(Error());
  if (!config) return std::nullopt;
  config->worktree.label = proxy.facts.worktree;
  config->worktree.origin = proxy.facts.worktree_origin;
  show_running(*config, proxy.facts);
  auto explanation = explain(*config, request);
  if (!explanation || explanation->winner() == nullptr) return std::nullopt;
  return std::move(*explanation);
}

std::string words(const RunningProxy& proxy) {
  return fmt::format("{} ({}) answers here{}", project_words(proxy),
                     proxy.file.empty() ? "devproxy run" : proxy.file,
                     proxy.forces ? ": it was started with --force" : "");
}

}  // namespace

std::optional<ServingProject> serving_project(const ExplainRequest& request,
                                              const Explanation* here, std::int64_t pid) {
  std::optional<ServingProject> best;
  Rank best_rank = rank_of(here);
  for (FoundProxy& proxy : find_proxies()) {
    if (proxy.facts.shared || proxy.facts.pid == pid) continue;
    auto explanation = explained_by(proxy, request);
    const Rank rank = rank_of(explanation ? &*explanation : nullptr);
    // What does not run here answers nobody.
    const bool wins_ties = proxy.facts.forces || pid == 0;
    if (!explanation || !explanation->port_is_ours || rank < best_rank ||
        (rank == best_rank && !wins_ties))
      continue;
    explanation->elsewhere = words(proxy.facts);
    best_rank = rank;
    best = ServingProject{std::move(proxy), std::move(*explanation)};
  }
  return best;
}

}  // namespace devproxy
