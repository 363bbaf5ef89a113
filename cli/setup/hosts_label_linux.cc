#include <sys/xattr.h>

#include <array>

#include "cli/setup/hosts_file.h"

namespace devproxy {

void copy_security_label(int from, int to) {
  constexpr const char* selinux = "security.selinux";
  std::array<char, 256> label{};
  const ssize_t length = ::fgetxattr(from, selinux, label.data(), label.size());
  // A file without a label, or a system without SELinux, lacks nothing.
  if (length > 0) (void)::fsetxattr(to, selinux, label.data(), static_cast<std::size_t>(length), 0);
}

}  // namespace devproxy
