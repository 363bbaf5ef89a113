// The local CA as commands see it: where it is, and who trusts what on its behalf. Main thread.
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <vector>

#include "certs/trust_anchor.h"
#include "certs/trust_store.h"
#include "cli/command_line/invocation.h"
#include "cli/terminal/failure.h"

namespace devproxy {

/// $XDG_STATE_HOME/devproxy and its like.
tl::expected<std::string, Failure> state_folder();

/// The CA that stands in `state`; nothing when there is none, a Failure when it cannot be used.
tl::expected<std::optional<Anchor>, Failure> existing_ca(const std::string& state);
/// The same, made first when there is none, for the domains of the configuration here (if any). One
/// that cannot sign for them all is used, with a warning.
tl::expected<Anchor, Failure> local_ca(const std::string& state, const Invocation& invocation);
/// One that is only made to show which commands it would need; nothing of it stays.
tl::expected<Anchor, Failure> example_ca(const std::string& state);

/// This machine, for TrustStores. The runner must outlive it.
Surroundings real_surroundings(CommandRunner& runner);

}  // namespace devproxy
