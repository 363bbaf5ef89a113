#include "base/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/dirs.h"

namespace devproxy {

Result<int> open_lock_file(const std::string& folder, const std::string& name) {
  if (auto made = make_private_dir(folder); !made) return tl::unexpected<Error>(made.error());
  const std::string path = folder + "/" + name;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file >= 0) return file;
  return fail(Code::denied, Source::system,
              fmt::format("cannot open {}: {}; remove it, or set XDG_RUNTIME_DIR to a folder of "
                          "your own",
                          path, std::generic_category().message(errno)));
}

}  // namespace devproxy
