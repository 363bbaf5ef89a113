#include "cli/running/running_project.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "cli/running/start_proxy.h"
#include "cli/terminal/environment.h"
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

std::optional<RunningProject> read_project(const std::string& folder,
                                           std::optional<std::string> file,
                                           std::uint16_t tcp_port) {
  LoadRequest request;
  request.working_directory = folder;
  request.file = std::move(file);
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

/// Of those that the shared proxy carries the one that asked for the TCP port, else the first.
std::optional<RunningProject> carried_project(const ProcessFacts& process, std::uint16_t tcp_port) {
  constexpr std::chrono::milliseconds patience{500};
  const auto proxy = find_shared_proxy(patience);
  if (!proxy || proxy->facts.pid != process.pid) return std::nullopt;
  std::optional<RunningProject> first;
  for (const AttachedProject& each : proxy->facts.attached) {
    if (each.file.empty()) continue;
    auto project = read_project("/", each.file, tcp_port);
    if (project && !project->service.empty()) return project;
    if (!first) first = std::move(project);
  }
  return first;
}

}  // namespace

std::optional<RunningProject> running_project(const ProcessFacts& process, std::uint16_t tcp_port) {
  if (is_shared_proxy(process)) return carried_project(process, tcp_port);
  if (process.folder.empty()) return std::nullopt;
  return read_project(process.folder, config_argument(process), tcp_port);
}

bool is_shared_proxy(const ProcessFacts& process) {
  return process.command.size() > 1 && process.command[1] == proxy_command;
}

}  // namespace devproxy
