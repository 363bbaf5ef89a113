#include "services/log_folder.h"

#include <fmt/format.h>

#include "services/assigned_port.h"
#include "services/port_book.h"

namespace devproxy {

std::string service_log_folder(const std::string& state_folder, const std::string& project,
                               const std::string& root) {
  return fmt::format("{}/logs/{}-{:08x}", state_folder, project,
                     static_cast<std::uint32_t>(folder_hash(real_path(root))));
}

}  // namespace devproxy
