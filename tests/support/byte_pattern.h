// A long body for tests of back-pressure: bytes that are different at each place, so that lost,
// doubled and moved pieces are seen. Pure but for the Wire; any thread.
#pragma once

#include <chrono>
#include <cstddef>

#include "tests/support/wire.h"

namespace devproxy {

/// Sends the pattern's bytes `from` to `size` until the other side took none for `stall`; returns
/// how far it came.
std::size_t send_pattern_until_stalled(Wire& wire, std::size_t from, std::size_t size,
                                       std::chrono::milliseconds stall);
/// Sends all of them.
void send_pattern(Wire& wire, std::size_t from, std::size_t size);
/// Reads the first `size` bytes and says whether each is the right one.
bool receive_pattern(Wire& wire, std::size_t size);

}  // namespace devproxy
