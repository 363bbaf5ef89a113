#include "cli/terminal/program_path.h"

#include <filesystem>
#include <system_error>

#include "services/exec_shim.h"

namespace devproxy {

Result<std::string> program_path() {
  std::error_code failed;
  auto path = std::filesystem::canonical(own_program(), failed);
  if (!failed) return path.string();
  return fail(Code::internal, Source::system,
              "cannot find out where this program is: " + failed.message());
}

}  // namespace devproxy
