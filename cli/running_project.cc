#include "cli/running_project.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/environment.h"
#include "config/load.h"

namespace devproxy {
namespace {

/// What -c or --config names in a command line of ours; relative to the folder of the process.
std::optional<std::string> config_argument(const ProcessFacts& process) {
  for (std::size_t i = 1; i < process.command.size(); ++i) {
    const std::string_view argument = process.command[i];
    std::string_view value;
    if (argument == "-c" || argument == "--config") {
      if (i + 1 < process.command.size()) value = process.command[i + 1];
    } else if (argument.starts_with("--config=")) {
      value = argument.substr(9);
    } else if (argument.starts_with("-c") && !argument.starts_with("--")) {
      value = argument.substr(2);
    }
    if (!value.empty()) return (std::filesystem::path(process.folder) / value).string();
  }
  return std::nullopt;
}

}  // namespace

std::optional<RunningProject> running_project(const ProcessFacts& process, std::uint16_t tcp_port) {
  if (process.folder.empty()) return std::nullopt;
  LoadRequest request;
  request.working_directory = process.folder;
  request.file = config_argument(process);
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
