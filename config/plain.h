// Reads the everyday subset of TOML: printable ASCII, headers, key = value with strings without
// escapes, whole numbers, booleans, lists and tables in braces. About ten times as fast as the
// whole language, which is left to parse.cc, as is every error: a file that is not plain and right
// gives nothing here. A test holds the two against each other.
#pragma once

#include <optional>

#include "config/node.h"
#include "config/sources.h"

namespace devproxy {

std::optional<Node> parse_plain(const Sources& sources, std::uint32_t file);

}  // namespace devproxy
