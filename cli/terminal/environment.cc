#include "cli/terminal/environment.h"

#include <cstdlib>

namespace devproxy {

std::optional<std::string> environment(std::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace devproxy
