// Proxies in the environment (http_proxy and its like) that would take requests for local names
// away from this one, and variables that name files that are not there. Pure but for the file
// question; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/diagnosis.h"

namespace devproxy {

struct EnvironmentFacts {
  struct Variable {
    std::string name;
    std::string value;
  };
  std::vector<Variable> proxies;     ///< of http_proxy and its like those that are set
  std::string no_proxy;              ///< the lower-case one if both are set, as curl reads it
  std::vector<std::string> names;    ///< hosts that must not go through them
  std::vector<Variable> lost_files;  ///< CA variables that name a file that cannot be read
};

using ReadVariable = std::function<std::optional<std::string>(std::string_view name)>;
EnvironmentFacts environment_facts(const ReadVariable& read, std::vector<std::string> names);

/// Whether NO_PROXY exempts a host, as curl, Python and Go agree: "*", the host itself, or a domain
/// that it lies in, with or without a leading dot.
bool is_exempt(std::string_view no_proxy, std::string_view host);
/// Without what stands before an '@': it may be a password.
std::string without_credentials(std::string_view url);

Diagnoses check_environment(const EnvironmentFacts& facts);

}  // namespace devproxy
