// The bundle of CAs that programs of this system read, and a copy of it with ours at its end: for
// those that take one file and then know no other. Blocking; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "certs/trust_anchor.h"

namespace devproxy {

/// The first that exists of the places where distributions keep it.
std::optional<std::string> system_bundle(const std::string& root = "");

/// Why OpenSSL, given this bundle and nothing else, would not accept `anchor` today, nor a server
/// of it in a real handshake (where its key is at hand); empty when it does.
std::string refusal_by_bundle(const std::string& bundle, const Anchor& anchor);

/// <state>/ca-bundle.pem: the system's with ours. Written only when that changes it; its path.
/// Code::missing when the system has none: a file with our CA alone would cut its readers off from
/// everything else.
Result<std::string> combined_bundle(const std::string& state, const Anchor& anchor,
                                    const std::string& root = "");

}  // namespace devproxy
