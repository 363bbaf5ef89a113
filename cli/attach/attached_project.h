// LocalProxy::Attached: a project of another process, for as long as its connection lives. Of
// local_proxy*.cc alone.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "cli/attach/attach_form.h"
#include "cli/attach/local_proxy.h"
#include "cli/attach/nearby_listeners.h"

namespace devproxy {

struct LocalProxy::Attached {
  std::shared_ptr<ControlExchange> exchange;
  std::string label;  ///< stands before the names of its services
  Config config;
  std::int64_t process = 0;
  std::int64_t since = 0;
  bool forces = false;      ///< it takes what others claim
  bool yields = false;      ///< it was carried before: what is taken by force stays so, no error
  bool is_waiting = false;  ///< to be taken, and to be told so
  std::map<std::string, ServiceTale, std::less<>> tales;
  std::string told_listeners;
  std::string told_fallbacks;
  std::unique_ptr<NearbyListeners> nearby;

  void tell_listeners(const std::vector<BoundAddress>& listeners) {
    std::string event = listeners_event(listeners);
    if (event == told_listeners) return;
    told_listeners = std::move(event);
    exchange->event(told_listeners);
  }
  void tell_fallbacks(const std::vector<Fallback>& fallbacks) {
    std::string event = fallbacks.empty() ? "" : fallbacks_event(fallbacks);
    if (event == told_fallbacks) return;
    told_fallbacks = std::move(event);
    exchange->event(fallbacks_event(fallbacks));
  }
};

}  // namespace devproxy
