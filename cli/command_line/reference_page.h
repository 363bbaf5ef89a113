// docs/reference/cli.md, made from the tree of commands; a test compares it with the page that is
// committed. Pure; any thread.
#pragma once

#include <string>

namespace devproxy {

std::string reference_page();

}  // namespace devproxy
