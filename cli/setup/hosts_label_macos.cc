#include "cli/setup/hosts_file.h"

namespace devproxy {

void copy_security_label(int /*from*/, int /*to*/) {}

}  // namespace devproxy
