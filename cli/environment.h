// The process environment, read-only: nobody here calls setenv, so reading it is safe on any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace devproxy {

std::optional<std::string> environment(std::string_view name);

}  // namespace devproxy
