#include "cli/failure.h"

#include <string_view>

#include "base/version.h"

namespace devproxy {

Failure not_built(const std::string& what, std::string hint) {
  const std::string_view full = program_version;
  const std::string major_minor(full.substr(0, full.rfind('.')));
  return {
      ExitCode::usage, "usage.not_built", what + ": not in " + major_minor, std::move(hint), {}};
}

}  // namespace devproxy
