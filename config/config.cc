#include "config/config.h"

#include <algorithm>
#include <utility>

#include "config/checkout.h"

namespace devproxy {

std::string_view word_of(WhenIn in) {
  if (in == WhenIn::cookie) return "cookie";
  return in == WhenIn::header ? "header" : "query";
}

std::string when_text(const ServiceWhen& when) {
  return std::string(word_of(when.in)) + " " + when.name + (when.value ? "=" + *when.value : "");
}

std::vector<ListenAddress> default_listeners() {
  std::vector<ListenAddress> listeners;
  for (const char* const host : {"127.0.0.1", "::1"}) {
    ListenAddress address;
    address.host = host;
    address.port = usual_port;
    address.is_default = true;
    listeners.push_back(std::move(address));
  }
  return listeners;
}

void add_default_listeners(Config& config, const std::vector<ListenAddress>& more) {
  auto& listen = config.proxy.listen;
  if (listen.empty() || !listen.front().is_default) return;
  for (const ListenAddress& address : more) {
    const bool is_there = std::any_of(listen.begin(), listen.end(), [&](const auto& other) {
      return other.host == address.host && other.port == address.port;
    });
    if (!is_there) listen.push_back(address);
  }
}

Config bare_config(const std::string& folder) {
  Config config;
  config.root = folder;
  const Checkout checkout = find_checkout(folder);
  config.project = project_name(checkout, folder);
  config.worktree = make_worktree(checkout, WorktreeForm::flat, config.project, folder);
  config.proxy.listen = default_listeners();
  return config;
}

}  // namespace devproxy
