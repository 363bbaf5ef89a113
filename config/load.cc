#include "config/load.h"

#include <algorithm>
#include <utility>

#include "config/build.h"
#include "config/check.h"
#include "config/files.h"
#include "config/layers.h"
#include "config/report.h"
#include "config/sources.h"
#include "config/strings.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// The file to read: asked for, or found; empty after a problem was reported.
std::string choose_main_file(const LoadRequest& request, std::vector<std::string>& files,
                             Report& report) {
  std::optional<std::string> asked = request.file;
  if (!asked && request.environment) asked = request.environment("DEVPROXY_CONFIG");
  if (asked && !asked->empty()) return absolute_path(request.working_directory, *asked);

  Search search = find_main_file(request.working_directory);
  if (search.found) return *search.found;
  files = std::move(search.looked);
  report.add_without_place(
      "config.missing", "",
      "there is no devproxy.toml in " + request.working_directory +
          (files.size() == 1 ? "" : " or in the folders above it, up to " + search.top) +
          (search.top_is_git_root ? ", the root of the git repository" : ""),
      "write one with: devproxy init, or name one with --config");
  return "";
}

LoadOutcome failed(Problems problems, std::vector<std::string> files) {
  return {tl::unexpected(std::move(problems)), std::move(files)};
}

}  // namespace

LoadOutcome load(const LoadRequest& request) {
  Sources sources(request.working_directory);
  Report report(sources);
  std::vector<std::string> files;
  const std::string main_file = choose_main_file(request, files, report);
  if (main_file.empty()) return failed(report.take(), std::move(files));

  const std::string env_file = absolute_path(folder_of(main_file), env_file_name);
  Strings strings(sources, report, request.environment, env_file);
  Layers layers(sources, report, strings);
  layers.read(main_file);
  files = layers.files();
  files.push_back(env_file);
  if (layers.other_version()) {
    Problems problems = report.take();
    std::erase_if(problems,
                  [](const Problem& problem) { return problem.code != "config.requires"; });
    return failed(std::move(problems), std::move(files));
  }

  const Node root = layers.take();
  Draft draft = build(root, main_file, layers, sources, report, strings);
  check_routes(draft, sources, report);
  check_loops(draft, sources, report);
  check_tcp(draft, sources, report);
  check_certificates(draft, sources, report);
  files.insert(files.end(), draft.files.begin(), draft.files.end());
  if (!report.empty()) return failed(report.take(), std::move(files));
  return {std::move(draft.config), std::move(files)};
}

}  // namespace devproxy
