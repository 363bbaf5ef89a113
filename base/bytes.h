// Bytes: a view of octets that somebody else keeps, valid during the call that hands it over.
#pragma once

#include <string_view>

namespace devproxy {

using Bytes = std::string_view;

}  // namespace devproxy
