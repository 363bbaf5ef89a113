// What makes devproxy_next of devproxy: the same program, of a newer version.
#include "base/version.h"

namespace devproxy {
const char* const program_version = "9.0.0";
}  // namespace devproxy
