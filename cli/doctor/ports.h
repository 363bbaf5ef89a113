// Ports: what the file and the machine do not agree about (port_report.h has the rules), and
// whether the kernel hands out to outgoing connections what devproxy gives to services. Pure; any
// thread.
#pragma once

#include "cli/doctor/diagnosis.h"
#include "cli/ports/port_report.h"

namespace devproxy {

/// `report` is of all listeners of the machine.
Diagnoses check_ports(const PortReport& report);

}  // namespace devproxy
