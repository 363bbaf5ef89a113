// The process environment, read-only: nobody calls setenv once there is a second thread, so reading
// it is safe on any. (base/inherited_sockets, service_notice, invoking_user do before.)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace devproxy {

std::optional<std::string> environment(std::string_view name);

}  // namespace devproxy
