#include "cli/edge/proxy_changes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "base/text.h"
#include "cli/project/url_table.h"

namespace devproxy {
namespace {

std::string_view text_of(HttpsMode mode) {
  switch (mode) {
    case HttpsMode::on:
      return "on";
    case HttpsMode::off:
      return "off";
    case HttpsMode::redirect:
      return "redirect";
  }
  return "";
}

std::string_view text_of(ListenOnly only) {
  switch (only) {
    case ListenOnly::any:
      return "both";
    case ListenOnly::tls:
      return "tls";
    case ListenOnly::plain:
      return "plain";
  }
  return "";
}

/// Nothing when they are the same.
std::optional<std::string> change_of(const std::optional<CertificateFiles>& before,
                                     const std::optional<CertificateFiles>& after) {
  const std::string was = before ? before->cert : "the local CA";
  const std::string is = after ? after->cert : "the local CA";
  if (was != is) return fmt::format("tls {} -> {}", escape(was), escape(is));
  if (!before || before->key == after->key) return std::nullopt;
  return fmt::format("key of tls {} -> {}", escape(before->key), escape(after->key));
}

/// "command, env"; a port that it was given is told with its routes.
std::string different_parts(const CommandTarget& was, const CommandTarget& is) {
  std::vector<std::string_view> parts;
  const auto add = [&parts](bool differs, std::string_view name) {
    if (differs) parts.push_back(name);
  };
  add(was.words != is.words || was.shell != is.shell, "command");
  add(was.dir != is.dir, "dir");
  add(was.env != is.env, "env");
  add(was.depends_on != is.depends_on, "depends_on");
  add(was.ready != is.ready, "ready");
  add(was.restart != is.restart, "restart");
  add(was.stop_signal != is.stop_signal, "stop_signal");
  add(was.stop_timeout != is.stop_timeout, "stop_timeout");
  add(was.adapter != is.adapter, "adapter");
  return fmt::format("{}", fmt::join(parts, ", "));
}

template <class Address>
const Address* find(const std::vector<Address>& addresses, const Address& wanted) {
  const auto found =
      std::find_if(addresses.begin(), addresses.end(), [&wanted](const Address& address) {
        return address.host == wanted.host && address.port == wanted.port;
      });
  return found == addresses.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> listener_changes(const std::vector<BoundAddress>& before,
                                          const std::vector<BoundAddress>& after) {
  std::vector<std::string> lines;
  for (const BoundAddress& address : after) {
    const BoundAddress* const was = find(before, address);
    if (was == nullptr) {
      lines.push_back("+ listening on " + address_text(address));
    } else if (was->only != address.only) {
      lines.push_back(fmt::format("~ {} only {} -> {}", address_text(address), text_of(was->only),
                                  text_of(address.only)));
    }
  }
  for (const BoundAddress& address : before) {
    if (find(after, address) == nullptr) lines.push_back("- listening on " + address_text(address));
  }
  return lines;
}

std::vector<TcpFact> tcp_facts(const Config& config) {
  std::vector<TcpFact> facts;
  const std::vector<UrlRow> rows = tcp_rows(config);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    facts.push_back({config.tcp[i].port, fmt::format("{} {}", rows[i].service, rows[i].target),
                     config.tcp[i].hold});
  }
  return facts;
}

std::vector<std::string> tcp_changes(const std::vector<TcpFact>& before,
                                     const std::vector<TcpFact>& after) {
  const auto find_port = [](const std::vector<TcpFact>& facts, std::uint16_t port) {
    const auto found = std::find_if(facts.begin(), facts.end(),
                                    [port](const TcpFact& fact) { return fact.port == port; });
    return found == facts.end() ? nullptr : &*found;
  };
  std::vector<std::string> lines;
  for (const TcpFact& fact : after) {
    const TcpFact* const was = find_port(before, fact.port);
    if (was == nullptr) {
      lines.push_back(fmt::format("+ tcp 127.0.0.1:{} -> {}", fact.port, fact.to));
    } else if (was->to != fact.to) {
      lines.push_back(fmt::format("~ tcp 127.0.0.1:{} {} -> {}", fact.port, was->to, fact.to));
    } else if (was->hold != fact.hold) {
      lines.push_back(fmt::format("~ tcp 127.0.0.1:{} hold {}ms -> {}ms", fact.port,
                                  was->hold.count(), fact.hold.count()));
    }
  }
  for (const TcpFact& fact : before) {
    if (find_port(after, fact.port) == nullptr)
      lines.push_back(fmt::format("- tcp 127.0.0.1:{}", fact.port));
  }
  return lines;
}

std::vector<std::string> service_changes(const Config& before, const Config& after) {
  const auto run = [](const Service& service) {
    return std::get_if<CommandTarget>(&service.target);
  };
  const auto find_run = [&run](const Config& config, const std::string& name) {
    const CommandTarget* found = nullptr;
    for (const Service& service : config.services) {
      if (service.name == name) found = run(service);
    }
    return found;
  };
  std::vector<std::string> lines;
  for (const Service& service : after.services) {
    const CommandTarget* const is = run(service);
    const CommandTarget* const was = is == nullptr ? nullptr : find_run(before, service.name);
    if (is == nullptr) continue;
    if (was == nullptr) {
      lines.push_back(
          escape(fmt::format("+ service {}: {}", service.name, fmt::join(is->words, " "))));
    } else if (const std::string parts = different_parts(*was, *is); !parts.empty()) {
      lines.push_back(fmt::format("~ service {}: {}", service.name, parts));
    }
  }
  for (const Service& service : before.services) {
    if (run(service) != nullptr && find_run(after, service.name) == nullptr)
      lines.push_back(fmt::format("- service {}", service.name));
  }
  return lines;
}

std::vector<std::string> settings_changes(const ProxySettings& before, const ProxySettings& after) {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string_view what, std::string_view was, std::string_view is) {
    lines.push_back(fmt::format("~ {} {} -> {}", what, was, is));
  };
  const auto on_off = [](bool value) { return value ? "on" : "off"; };
  if (before.https != after.https) add("https", text_of(before.https), text_of(after.https));
  if (before.domains != after.domains) {
    add("domains", fmt::format("{}", fmt::join(before.domains, ", ")),
        fmt::format("{}", fmt::join(after.domains, ", ")));
  }
  if (before.dns != after.dns) {
    const auto port = [](std::uint16_t dns) { return dns == 0 ? "off" : std::to_string(dns); };
    add("dns", port(before.dns), port(after.dns));
  }
  if (const auto change = change_of(before.tls, after.tls)) lines.push_back("~ " + *change);
  if (before.remove_hsts != after.remove_hsts)
    add("remove_hsts", on_off(before.remove_hsts), on_off(after.remove_hsts));
  for (const ListenAddress& address : after.listen) {
    const ListenAddress* const was = find(before.listen, address);
    const auto change = was == nullptr ? std::nullopt : change_of(was->tls, address.tls);
    if (change)
      lines.push_back(fmt::format("~ {} {}", address_text({address.host, address.port}), *change));
  }
  return lines;
}

}  // namespace devproxy
