// Which certificate a client of a URL gets, and whether it will accept that: the rules of
// certs/server_tls.h in words, without making anything. Pure; any thread.
#pragma once

#include <string>

#include "cli/explain/explanation.h"

namespace devproxy {

/// `listener`: the one that is asked, or null. `has_route`: some route names the host.
ExplainedCertificate explain_certificate(const Config& config, const std::string& host,
                                         const ListenAddress* listener, bool has_route);

/// One line about it.
std::string certificate_text(const ExplainedCertificate& certificate);

}  // namespace devproxy
