// Java's own store: a key store file in each JDK, read and written by keytool. Only with --java: it
// belongs to the JDK, and an update of that may replace it. Main thread of a command.
#pragma once

#include <vector>

#include "certs/trust_store.h"

namespace devproxy {

/// One for each file: JDKs of a distribution often share one by links.
TrustStores java_stores(const Surroundings& surroundings);

}  // namespace devproxy
