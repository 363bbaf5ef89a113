// The variables that make programs trust the local CA where no store does: Node and Deno know only
// their own list, Python's requests too. What the user has set stays. Pure functions; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct CaVariable {
  std::string name;
  std::string value;  ///< what we would set
  std::string kept;   ///< what the user has set instead; mostly empty
};

/// `bundle` is the system's CAs with ours at the end (certs/trust_bundle.h); empty when there is
/// none: then those variables that replace a program's whole list are left out.
std::vector<CaVariable> ca_variables(
    const std::string& ca, const std::string& bundle,
    const std::function<std::optional<std::string>(std::string_view)>& environment);

/// What a user's own file needs: nothing when it has our CA already.
using KeptAdvice = std::function<std::string(const std::string& file)>;

/// For `eval`, in any shell that knows export. Begins with a comment for whoever just looks.
std::string export_lines(const std::vector<CaVariable>& variables, const std::string& problem,
                         const KeptAdvice& advice);

}  // namespace devproxy
