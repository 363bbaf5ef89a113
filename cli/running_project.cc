#include "cli/running_project.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/process_start.h"
#include "cli/environment.h"
#include "config/load.h"

namespace devproxy {
namespace {

/// What -c or --config names in a command line of ours; relative to the folder of the process.
std::optional<std::string> config_argument(const ProcessStart& start) {
  for (std::size_t i = 1; i < start.arguments.size(); ++i) {
    const std::string_view argument = start.arguments[i];
    std::string_view value;
    if (argument == "-c" || argument == "--config") {
      if (i + 1 < start.arguments.size()) value = start.arguments[i + 1];
    } else if (argument.starts_with("--config=")) {
      value = argument.substr(9);
    } else if (argument.starts_with("-c") && !argument.starts_with("--")) {
      value = argument.substr(2);
    }
    if (!value.empty()) return (std::filesystem::path(start.folder) / value).string();
  }
  return std::nullopt;
}

}  // namespace

std::optional<RunningProject> running_project(pid_t pid, std::uint16_t tcp_port) {
  const auto start = process_start(pid);
  if (!start) return std::nullopt;
  LoadRequest request;
  request.working_directory = start->folder;
  request.file = config_argument(*start);
  request.environment = [](std::string_view name) {
    // Ours says nothing about the file of the other.
    return name == "DEVPROXY_CONFIG" ? std::nullopt : environment(name);
  };
  const LoadOutcome outcome = load(request);
  if (!outcome.result) return std::nullopt;
  const Config& config = *outcome.result;
  RunningProject project{config.project, config.file, {}};
  const auto port = std::find_if(config.tcp.begin(), config.tcp.end(),
                                 [&](const TcpPort& each) { return each.port == tcp_port; });
  if (port != config.tcp.end()) project.service = port->service;
  return project;
}

}  // namespace devproxy
