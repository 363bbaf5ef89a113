#include "cli/terminal/failure.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/version.h"

namespace devproxy {

Failure not_built(const std::string& what, std::string hint) {
  const std::string_view full = program_version;
  const std::string major_minor(full.substr(0, full.rfind('.')));
  return {
      ExitCode::usage, "usage.not_built", what + ": not in " + major_minor, std::move(hint), {}};
}

std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& known,
                         std::string otherwise) {
  if (const auto near = nearest(word, known)) return fmt::format("did you mean \"{}\"?", *near);
  return otherwise;
}

}  // namespace devproxy
