#include "proxy/net/congestion.h"

namespace devproxy {

void relax_congestion_control(int /*descriptor*/, const sockaddr& /*address*/) {}

}  // namespace devproxy
