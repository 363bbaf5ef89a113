#include <fmt/format.h>

#include "base/text.h"
#include "cli/init/findings.h"

namespace devproxy {

std::vector<Finding> read_procfile(std::string_view text, std::string_view file,
                                   const Scripts& scripts) {
  std::vector<Finding> findings;
  std::uint16_t convention = 5000;
  for (const std::string_view raw : split(text, '\n')) {
    std::string_view line = trim(raw);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (line.empty() || line.front() == '#' || colon == std::string_view::npos || colon == 0)
      continue;
    const std::string_view name = trim(line.substr(0, colon));
    const std::string_view command = trim(line.substr(colon + 1));

    Finding finding;
    finding.name = dns_label(name, "service");
    finding.command = command;
    finding.evidence = fmt::format("{}, {}: {}", file, name, command);
    const bool uses_port = command.find("$PORT") != std::string_view::npos ||
                           command.find("${PORT") != std::string_view::npos;
    auto guess = guess_port(command, scripts);
    if (name == "web" || uses_port) {
      // The runner sets PORT; most servers mind it, and a port that the command itself names wins.
      const bool stated = guess && guess->reason.ends_with("says so");
      finding.port = stated ? guess->port : convention;
      finding.reason =
          stated ? guess->reason
                 : fmt::format("foreman and its like give this process PORT={}", convention);
    } else if (guess) {
      finding.port = guess->port;
      finding.reason = std::move(guess->reason);
    } else {
      finding.reason = "it does not look as if it listened: if it does, take its line ready out";
      finding.listens = false;
    }
    findings.push_back(std::move(finding));
    convention = static_cast<std::uint16_t>(convention + 100);
    if (convention > 60'000) break;
  }
  return findings;
}

}  // namespace devproxy
