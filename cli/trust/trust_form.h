// The JSON of `trust`, `untrust` and `env`. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "certs/trust_run.h"
#include "cli/trust/ca_variables.h"

namespace devproxy {

struct TrustOutcome {
  TrustAction action = TrustAction::check;
  bool dry_run = false;
  bool example = false;  ///< there is no CA yet; `anchor` is made up
  Anchor anchor;
  std::vector<StoreReport> reports;
  std::vector<Words> left;  ///< for root, with sudo; of a dry run: everything
};

/// devproxy.trust/v1
std::string trust_form(const TrustOutcome& outcome);
/// devproxy.env/v1
std::string env_form(const Anchor& anchor, const std::vector<CaVariable>& variables,
                     const std::string& problem);

}  // namespace devproxy
