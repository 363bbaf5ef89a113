// Which clients find the names of a project, and what to do for those that do not. Pure; any
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/doctor/diagnosis.h"
#include "cli/project/name_resolution.h"
#include "config/config.h"

namespace devproxy {

struct ResolverFacts {
  std::vector<NameFacts> names;
  std::optional<std::pair<unsigned, unsigned>> curl;  ///< its version, 7 and 88; none: no curl here
  std::string install;  ///< the command that teaches this system names below .localhost; or empty
  /// Below which `devproxy hosts sync` writes the names of the project here; empty: there is none.
  std::vector<std::string> domains = {};
};

/// So does curl since 7.77.
Reached by_curl(const NameFacts& name, const ResolverFacts& resolver);

/// The hosts that the routes of `config` name, each once; without a file the ones that every
/// machine should know.
std::vector<std::string> names_to_resolve(const Config* config);

/// "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/…"
std::optional<std::pair<unsigned, unsigned>> parse_curl_version(std::string_view text);

Diagnoses check_names(const ResolverFacts& resolver);

}  // namespace devproxy
