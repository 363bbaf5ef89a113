#include "cli/service_state.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/args.h"
#include "cli/probe.h"

namespace devproxy {

ServiceState service_state(const Service& service) {
  ServiceState state;
  if (std::holds_alternative<RedirectTarget>(service.target)) {
    state.reachable = true;
    return state;
  }
  for (const BackendAddress& address : probe(service.target)) {
    if (address.listening) return {true, address.owner, {}};
    state.why_not += fmt::format("{}{} at {}", state.why_not.empty() ? "" : ", ", address.why_not,
                                 address.address);
  }
  return state;
}

tl::expected<const Service*, Failure> find_service(const Config& config, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Service& service : config.services) {
    if (service.name == name) return &service;
    known.push_back(service.name);
  }
  return tl::unexpected(
      Failure{ExitCode::usage,
              "service.unknown",
              fmt::format("there is no service \"{}\" in {}", escape(name), escape(config.file)),
              nearest_hint(name, known, "devproxy routes lists them"),
              {}});
}

}  // namespace devproxy
