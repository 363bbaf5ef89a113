// What there is to say of the checkout that a project stands in. Pure; any thread.
#pragma once

#include <string>

#include "config/worktree.h"

namespace devproxy {

/// "fix-ui (branch fix/ui): the hosts here carry its label"; empty for the main checkout.
std::string worktree_text(const Worktree& worktree);

}  // namespace devproxy
