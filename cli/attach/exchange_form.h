// An ExchangeRecord as it travels to the process whose service answered. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proxy/server.h"

namespace devproxy {

/// {"exchange":{…}} on one line. Bytes that are no UTF-8 become U+FFFD.
std::string exchange_event(const ExchangeRecord& record);
/// Calls `see` with the record, whose views live that long; false: it is none.
bool read_exchange(std::string_view text, const std::function<void(const ExchangeRecord&)>& see);

}  // namespace devproxy
