// Who finds a name: browsers know those below .localhost by themselves, most others ask the system
// (getaddrinfo), which mostly does not. Asking may wait for DNS; the rest is pure. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace devproxy {

/// What getaddrinfo, and so Node, Python, Java and most others, makes of a name.
struct NameFacts {
  std::string name;                    ///< as it stands in the file; "*.shop.localhost"
  std::vector<std::string> addresses;  ///< IP literals; empty: not found
  std::string error;                   ///< why not, in the words of the system
  std::chrono::milliseconds took{0};
};

enum class Reached : std::uint8_t { loopback, elsewhere, nowhere };
/// By programs that ask the system.
Reached by_system(const NameFacts& name);
/// Browsers connect to loopback for such names, whatever the system says.
Reached by_browsers(const NameFacts& name);

/// All at once: as slow as the slowest.
std::vector<NameFacts> resolve_names(const std::vector<std::string>& names);
NameFacts resolve_name(const std::string& name);

/// One line about one name.
std::string resolution_text(const NameFacts& name);

}  // namespace devproxy
