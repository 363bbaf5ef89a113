// What a running devproxy adds to an Explanation: the state and the last output of its own service,
// and the last requests of the route. Asks over the control socket; blocks shortly. Main thread.
#pragma once

#include "cli/explain/explanation.h"
#include "cli/running/find_proxy.h"

namespace devproxy {

/// After explain(). What it does not answer is left out.
ExplainedRun explain_run(const Explanation& explanation, FoundProxy& proxy);

}  // namespace devproxy
