// Which clients find the names of a project: browsers and curl know names below .localhost by
// themselves, all others ask the system (getaddrinfo), which mostly does not. Gathering asks the
// system and may wait for DNS; the rest is pure. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/diagnosis.h"
#include "config/config.h"

namespace devproxy {

/// What getaddrinfo, and so Node, Python, Java and most others, makes of a name.
struct NameFacts {
  std::string name;                    ///< as it stands in the file; "*.shop.localhost"
  std::vector<std::string> addresses;  ///< IP literals; empty: not found
  std::string error;                   ///< why not, in the words of the system
  std::chrono::milliseconds took{0};
};

struct ResolverFacts {
  std::vector<NameFacts> names;
  std::optional<std::pair<unsigned, unsigned>> curl;  ///< its version, 7 and 88; none: no curl here
  std::string install;  ///< the command that teaches this system names below .localhost; or empty
  /// Below which `devproxy hosts sync` writes the names of the project here; empty: there is none.
  std::vector<std::string> domains = {};
};

enum class Reached : std::uint8_t { loopback, elsewhere, nowhere };
/// By programs that ask the system.
Reached by_system(const NameFacts& name);
/// Browsers connect to loopback for such names, whatever the system says.
Reached by_browsers(const NameFacts& name);
/// So does curl since 7.77.
Reached by_curl(const NameFacts& name, const ResolverFacts& resolver);

/// The hosts that the routes of `config` name, each once; without a file the ones that every
/// machine should know.
std::vector<std::string> names_to_resolve(const Config* config);
/// All at once: as slow as the slowest.
std::vector<NameFacts> resolve_names(const std::vector<std::string>& names);
NameFacts resolve_name(const std::string& name);

/// "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/…"
std::optional<std::pair<unsigned, unsigned>> parse_curl_version(std::string_view text);

Diagnoses check_names(const ResolverFacts& resolver);
/// One line about one name, for `explain`.
std::string resolution_text(const NameFacts& name);

}  // namespace devproxy
