// Congestion control of sockets that never leave this machine: nothing is congested there, so the
// plainest algorithm does. Where the system's own is BBR it would cost each segment a timer. For
// systems in which it can be chosen (congestion_linux.cc, congestion_macos.cc). Any thread.
#pragma once

#include <sys/socket.h>

namespace devproxy {

/// `address`: the peer's, or a listener's own, whose connections inherit it; nothing happens unless
/// it is a loopback one. What cannot be changed stays.
void relax_congestion_control(int descriptor, const sockaddr& address);

}  // namespace devproxy
