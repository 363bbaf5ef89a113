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

/// They come from outside of the file, but the rule of loopback holds for them too.
void add_more_listeners(const LoadRequest& request, const std::string& main_file, Draft& draft,
                        Report& report) {
  if (!request.more_listeners) return;
  add_default_listeners(draft.config, request.more_listeners());
  const ProxySettings& proxy = draft.config.proxy;
  draft.listen_at.resize(proxy.listen.size());
  for (const ListenAddress& address : proxy.listen) {
    if (!address.is_default || proxy.expose || is_loopback(address.host)) continue;
    report.add_without_place(
        "config.expose", main_file,
        (is_ipv6(address.host) ? "[" + address.host + "]" : address.host) + ":" +
            std::to_string(address.port) +
            ", which devproxy was started with, is open to other machines",
        "bind it to loopback (in a systemd socket unit: ListenStream=127.0.0.1:" +
            std::to_string(address.port) + "), or say that you want it: expose = true in [proxy]");
  }
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
  add_more_listeners(request, main_file, draft, report);
  check_routes(draft, sources, report);
  check_loops(draft, sources, report);
  check_tcp(draft, sources, report);
  check_certificates(draft, sources, report);
  files.insert(files.end(), draft.files.begin(), draft.files.end());
  if (!report.empty()) return failed(report.take(), std::move(files));
  return {std::move(draft.config), std::move(files)};
}

}  // namespace devproxy
