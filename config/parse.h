// Reads the text of one TOML file into a tree of Nodes. parse.cc is the only file of devproxy that
// knows toml++. Pure but for what it adds to the Sources and the Report; one thread at a time.
#pragma once

#include <optional>

#include "config/node.h"
#include "config/report.h"
#include "config/sources.h"

namespace devproxy {

/// The root table of `file`, or nothing after a problem was reported.
std::optional<Node> parse_toml(Sources& sources, std::uint32_t file, Report& report);

/// The same without the short way for plain files (plain.h): the whole language, always.
std::optional<Node> parse_whole_toml(Sources& sources, std::uint32_t file, Report& report);

}  // namespace devproxy
