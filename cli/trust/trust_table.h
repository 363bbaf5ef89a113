// What `trust` and `untrust` tell people: one row for each store, what is left to do, what to
// restart. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "cli/trust/trust_form.h"

namespace devproxy {

/// Aligned; what is wrong with a store stands behind its state, what to do about it below.
std::string trust_table(const TrustOutcome& outcome, std::string_view home, bool colour);
/// Below the table; may be empty.
std::string trust_summary(const TrustOutcome& outcome);

}  // namespace devproxy
