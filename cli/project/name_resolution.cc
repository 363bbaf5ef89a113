#include "cli/project/name_resolution.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <future>
#include <memory>

#include "base/tcp_sockets.h"
#include "base/text.h"
#include "config/values.h"

namespace devproxy {

Reached by_system(const NameFacts& name) {
  if (name.addresses.empty()) return Reached::nowhere;
  return std::all_of(name.addresses.begin(), name.addresses.end(),
                     [](const std::string& address) { return is_loopback(address); })
             ? Reached::loopback
             : Reached::elsewhere;
}

Reached by_browsers(const NameFacts& name) {
  return is_localhost(name.name) ? Reached::loopback : by_system(name);
}

NameFacts resolve_name(const std::string& name) {
  NameFacts facts;
  facts.name = name;
  const std::string asked = name.starts_with("*.") ? "any" + name.substr(1) : name;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto began = std::chrono::steady_clock::now();
  const int status = ::getaddrinfo(asked.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  facts.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  if (status != 0) {
    facts.error = lower(::gai_strerror(status));
    return facts;
  }
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const auto end = to_tcp_end(each->ai_addr);
    if (!end) continue;
    std::string address = to_text(end->address);
    if (std::find(facts.addresses.begin(), facts.addresses.end(), address) == facts.addresses.end())
      facts.addresses.push_back(std::move(address));
  }
  return facts;
}

std::vector<NameFacts> resolve_names(const std::vector<std::string>& names) {
  std::vector<std::future<NameFacts>> running;
  running.reserve(names.size());
  for (const std::string& name : names)
    running.push_back(std::async(std::launch::async, [&name] { return resolve_name(name); }));
  std::vector<NameFacts> facts;
  facts.reserve(names.size());
  for (std::future<NameFacts>& each : running) facts.push_back(each.get());
  return facts;
}

std::string resolution_text(const NameFacts& name) {
  std::vector<std::string> shown;
  for (const std::string& address : name.addresses) shown.push_back(escape(address));
  switch (by_system(name)) {
    case Reached::loopback:
      return fmt::format("every client goes to loopback ({})", fmt::join(shown, ", "));
    case Reached::elsewhere:
      return fmt::format("{}this machine says {}, which is not loopback: requests miss the proxy",
                         by_browsers(name) == Reached::loopback
                             ? "browsers and curl go to loopback by themselves; for others "
                             : "",
                         fmt::join(shown, ", "));
    case Reached::nowhere:
      break;
  }
  if (by_browsers(name) == Reached::loopback) {
    return fmt::format("browsers and curl go to loopback by themselves; Node, Python, Java, Go: {}",
                       escape(name.error));
  }
  return fmt::format("no client finds it: {}; devproxy doctor has the mend", escape(name.error));
}

}  // namespace devproxy
