#include <fmt/format.h>

#include <array>

#include "base/json.h"
#include "cli/init/findings.h"

namespace devproxy {
namespace {

/// In the order in which people use them for development.
constexpr std::array<std::string_view, 5> development_scripts{"dev", "start:dev", "develop",
                                                              "serve", "start"};

Finding finding_of(std::string_view script, const std::string& command, const Package& package,
                   std::string_view service, std::string_view file) {
  Finding finding;
  finding.name = service;
  finding.command = fmt::format("npm run {}", script);
  finding.evidence = fmt::format("{}, \"{}\": \"{}\"", file, script, command);
  if (auto guess = guess_port(command, package.scripts)) {
    finding.port = guess->port;
    finding.reason = std::move(guess->reason);
  } else {
    finding.reason = "its port is not said there: take the one that it prints when it starts";
  }
  return finding;
}

}  // namespace

std::optional<Package> read_package(std::string_view text, std::string_view service,
                                    std::string_view file) {
  const Json json = parse_commented_json(text);
  if (!json.is_object()) return std::nullopt;
  Package package;
  package.name = string_of(json, "name");
  package.name.erase(0, package.name.rfind('/') + 1);
  const auto scripts = json.find("scripts");
  if (scripts != json.end() && scripts->is_object()) {
    for (const auto& [name, command] : scripts->items()) {
      if (command.is_string()) package.scripts.emplace(name, command.get<std::string>());
    }
  }
  for (const std::string_view name : development_scripts) {
    const auto script = package.scripts.find(name);
    if (script == package.scripts.end()) continue;
    Finding finding = finding_of(name, script->second, package, service, file);
    // A later script with a known port beats an earlier one without.
    if (!package.server || (!package.server->port && finding.port))
      package.server = std::move(finding);
    if (package.server->port) break;
  }
  return package;
}

}  // namespace devproxy
