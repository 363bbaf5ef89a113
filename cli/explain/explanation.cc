#include "cli/explain/explanation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/explain/explained_certificate.h"
#include "cli/ports/probe.h"
#include "cli/project/public_urls.h"
#include "cli/project/url_table.h"
#include "config/certificates.h"
#include "config/values.h"
#include "proxy/endpoint.h"
#include "router/path.h"
#include "router/service_when.h"
#include "services/launch.h"

namespace devproxy {
namespace {

class Fields final : public FieldLookup {
 public:
  tl::expected<void, Failure> add(const std::string& line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) {
      return tl::unexpected(Failure{ExitCode::usage,
                                    "usage.bad_header",
                                    fmt::format("\"{}\" is no header field", escape(line)),
                                    "write it as -H 'Name: value'",
                                    {}});
    }
    fields_.emplace_back(lower(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    return {};
  }
  std::optional<std::string_view> field(std::string_view name, std::size_t nth) const override {
    for (const auto& [each, value] : fields_) {
      if (each == name && nth-- == 0) return value;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool is_known_domain(const Config& config, const std::string& host) {
  return host == "localhost" || is_loopback(host) || is_in_domains(config.proxy, host);
}

std::string_view scheme_of(const AskedUrl& asked) {
  return asked.tls.value_or(false) ? "https" : "http";
}
std::string authority(const AskedUrl& asked) {
  const std::uint16_t port = asked.port.value_or(own_port(asked));
  if (port == own_port(asked)) return host_text(asked.host);
  return address_text({asked.host, port});
}

std::string redirect_location(const std::string& to, const AskedUrl& asked) {
  const std::size_t scheme = to.find("://");
  const std::size_t path = to.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) return to + asked.raw_path + asked.query;
  if (path + 1 == to.size()) return to.substr(0, path) + asked.raw_path + asked.query;
  return to;
}

std::string transport_text(const UrlTarget& url) {
  if (url.scheme == UrlScheme::http) return "";
  if (url.scheme == UrlScheme::h2c) return "HTTP/2 without TLS, by prior knowledge";
  const std::string trusted = url.insecure ? "its certificate is not verified (insecure)"
                              : url.ca.empty()
                                  ? "its certificate verified by the system's CAs"
                                  : fmt::format("its certificate verified by {}", url.ca);
  return fmt::format("TLS, then HTTP/2 or HTTP/1.1 as the service offers; {}", trusted);
}

/// What the service gets: product section 5, "Headers".
void describe_request(Explanation& explanation, const RouteRule& rule, HostHeader host_header,
                      const Target& target) {
  const AskedUrl& asked = explanation.asked;
  const std::string path = rule.strip_prefix
                               ? strip_path_prefix(asked.raw_path, explanation.path, rule.path)
                               : asked.raw_path;
  const std::string host =
      host_header == HostHeader::upstream ? endpoint_of(target).authority() : authority(asked);
  std::string_view protocol = "HTTP/1.1";
  if (const auto* url = std::get_if<UrlTarget>(&target)) {
    if (url->scheme != UrlScheme::http) protocol = "HTTP/2";
    explanation.transport = transport_text(*url);
  }
  explanation.request_line =
      fmt::format("{} {}{} {}", explanation.method, path, asked.query, protocol);
  const std::string_view scheme = scheme_of(asked);
  explanation.fields = {{"Host", host},
                        {"X-Forwarded-For", "127.0.0.1"},
                        {"X-Forwarded-Proto", std::string(scheme)},
                        {"X-Forwarded-Host", authority(asked)},
                        {"X-Forwarded-Port", shown_port(asked.port.value_or(own_port(asked)))}};
  explanation.fields.emplace_back(
      "Forwarded", fmt::format("for=127.0.0.1;host=\"{}\";proto={}", authority(asked), scheme));
  if (rule.strip_prefix && rule.path != "/")
    explanation.fields.emplace_back("X-Forwarded-Prefix", rule.path);
}

/// The command as it is run, and the flags that a framework got.
void describe_command(Explanation& explanation, const Config& config, const Service& service) {
  const auto* const command = std::get_if<CommandTarget>(&service.target);
  if (command == nullptr) return;
  const PublicUrls urls(config, explanation.listeners);
  const LaunchScene scene{config,
                          {},
                          "",
                          config.worktree.name,
                          "",
                          [&](const std::string& name) { return own_url(config, urls, name); },
                          script_of_package};
  CommandTarget shown = *command;
  shown.shell = false;
  shown.adapter = false;
  const auto adaptation = adapt(*command, scene.read_script);
  if (adaptation)
    shown.words.insert(shown.words.end(), adaptation->words.begin(), adaptation->words.end());
  // Without a port there is nothing to fill in yet.
  const auto words = command->port == 0 ? shown.words : make_launch(service, shown, scene).words;
  explanation.command = fmt::format("{}", fmt::join(words, " "));
  if (!adaptation) return;
  explanation.adapter =
      adaptation->why_not.empty()
          ? fmt::format("{} ignores PORT: {} is added; adapter = \"none\" leaves it out",
                        adaptation->framework, fmt::join(adaptation->words, " "))
          : fmt::format("{}: nothing is added, {}", adaptation->framework, adaptation->why_not);
}

/// Where a service was found whose port stands in no file.
std::string found_text(const Target& target) {
  if (const auto* const follow = std::get_if<FollowTarget>(&target)) {
    if (follow->found.value_or(0) == 0) return "nowhere: " + follow->found_text;
    return fmt::format("port {}: {}", *follow->found, follow->found_text);
  }
  const auto* const command = std::get_if<CommandTarget>(&target);
  if (command == nullptr || command->listens_on == 0) return "";
  return fmt::format("port {}: it was given {} and listens there instead, so it is followed there",
                     command->listens_on, command->port);
}

/// Each of the route's service_when, and why it was chosen or not.
std::vector<ExplainedWhen> explain_when(const RouteRule& rule, const Lookup& lookup) {
  const auto chosen = chosen_of(rule, lookup);
  std::vector<ExplainedWhen> all;
  for (std::size_t i = 0; i < rule.service_when.size(); ++i) {
    const ServiceWhen& when = rule.service_when[i];
    const auto sent = sent_value(when, lookup);
    ExplainedWhen explained{when_text(when), when.service, chosen == i, {}};
    if (chosen == i) {
      explained.reason = "the request has it";
    } else if (!sent) {
      explained.reason = fmt::format("the request has no {} {}", word_of(when.in), when.name);
    } else if (is_met(when, lookup)) {
      explained.reason = "one before it is met as well";
    } else {
      explained.reason = fmt::format("{} {} is \"{}\"", word_of(when.in), when.name, *sent);
    }
    all.push_back(std::move(explained));
  }
  return all;
}

/// `to_https`: where requests of a route are sent before anything else; mostly empty.
void explain_routes(Explanation& explanation, const Config& config, const RouteTable& table,
                    const Lookup& lookup, const std::string& to_https) {
  for (const Candidate& candidate : table.explain(lookup)) {
    const Route& route = *candidate.route;
    const auto chosen = candidate.matched ? chosen_of(route.rule, lookup) : std::nullopt;
    const Service& service =
        table.services()[chosen ? route.services_when[*chosen] : route.service];
    const Target& target = service.target;
    explanation.routes.push_back({candidate.host, route.rule.path, service.name,
                                  target_text(target), candidate.matched, candidate.reason,
                                  route.rule.at});
    if (candidate.matched)
      explanation.routes.back().service_when = explain_when(route.rule, lookup);
    if (!candidate.matched || !explanation.refusal.empty()) continue;
    if (!to_https.empty()) {
      explanation.redirect = to_https;
      continue;
    }
    if (const auto* redirect = std::get_if<RedirectTarget>(&target)) {
      explanation.redirect = redirect_location(redirect->to, explanation.asked);
    } else {
      const auto host_header = chosen ? route.rule.service_when[*chosen].host_header : std::nullopt;
      describe_request(explanation, route.rule, host_header.value_or(route.rule.host_header),
                       target);
    }
    describe_command(explanation, config, service);
    explanation.fallback = service.fallback;
    explanation.found = found_text(target);
    explanation.backends = probe(target);
  }
}

/// What the URL leaves open is filled in as the URL table would have it.
const ListenAddress* find_listener(Explanation& explanation, const Config& config) {
  AskedUrl& asked = explanation.asked;
  const PublicUrls urls(config, explanation.listeners);
  if (!asked.tls && !asked.port) {
    asked.tls = urls.is_https(asked.host);
  } else if (!asked.tls) {
    // "shop.localhost:7080": what the listener with this port takes; 80 is http for everybody.
    const auto is_plain = [&](const ListenAddress& address) {
      return address.port == *asked.port && address.only == ListenOnly::plain;
    };
    asked.tls = urls.is_https(asked.host) && *asked.port != 80 &&
                std::none_of(config.proxy.listen.begin(), config.proxy.listen.end(), is_plain);
  }
  if (!asked.port)
    asked.port = public_port(explanation.listeners, *asked.tls).value_or(own_port(asked));
  const ListenAddress* first = nullptr;
  for (const ListenAddress& address : config.proxy.listen) {
    if (address.port != *asked.port) continue;
    explanation.port_is_ours = true;
    if (explanation.proxy_owner.empty() && address.port != 0)
      explanation.proxy_owner = owner_text(address.host, address.port);
    if (first == nullptr) first = &address;
  }
  return first;
}

/// The port that a plain request is sent to with 308: this one, or where TLS is at home.
std::uint16_t https_port(const Config& config, const ListenAddress& listener) {
  const std::uint16_t secure = public_port(wanted_listeners(config), true).value_or(443);
  const bool is_elsewhere =
      listener.only == ListenOnly::plain || (listener.port == 80 && secure == 443);
  return is_elsewhere ? secure : listener.port;
}

/// Where a plain request is sent instead of being answered; mostly empty.
std::string https_location(const Config& config, const AskedUrl& asked,
                           const ListenAddress* listener) {
  if (*asked.tls || listener == nullptr) return "";
  if (config.proxy.https != HttpsMode::redirect && listener->only != ListenOnly::tls) return "";
  AskedUrl secure = asked;
  secure.tls = true;
  secure.port = https_port(config, *listener);
  return fmt::format("https://{}{}{}", authority(secure), asked.raw_path, asked.query);
}

void explain_tls(Explanation& explanation, const Config& config, const ListenAddress* listener,
                 bool has_route) {
  if (!*explanation.asked.tls) return;
  if (config.proxy.https == HttpsMode::off) {
    explanation.refusal = "https is \"off\" in [proxy]";
  } else if (listener != nullptr && listener->only == ListenOnly::plain) {
    explanation.refusal = "this listener is only = \"plain\"";
  } else {
    explanation.certificate =
        explain_certificate(config, explanation.asked.host, listener, has_route);
  }
}

}  // namespace

const ExplainedRoute* Explanation::winner() const {
  const auto route = std::find_if(routes.begin(), routes.end(),
                                  [](const ExplainedRoute& each) { return each.matched; });
  return route == routes.end() ? nullptr : &*route;
}

bool Explanation::is_reachable() const {
  if (winner() == nullptr) return false;
  return !redirect.empty() ||
         std::any_of(backends.begin(), backends.end(),
                     [](const BackendAddress& backend) { return backend.listening; });
}

ExitCode Explanation::exit() const {
  if (winner() == nullptr || !port_is_ours) return ExitCode::failed;
  if (!refusal.empty() || !certificate.fits) return ExitCode::failed;
  return is_reachable() ? ExitCode::done : ExitCode::not_running;
}

tl::expected<Explanation, Failure> explain(const Config& config, const ExplainRequest& request) {
  auto asked = parse_asked_url(request.url);
  if (!asked) return tl::unexpected(asked.error());
  Fields fields;
  for (const std::string& line : request.headers) {
    if (const auto added = fields.add(line); !added) return tl::unexpected(added.error());
  }

  Explanation explanation;
  explanation.method = request.method;
  explanation.listeners = wanted_listeners(config);
  explanation.asked = std::move(*asked);
  const ListenAddress* const listener = find_listener(explanation, config);
  explanation.url =
      fmt::format("{}://{}{}{}", scheme_of(explanation.asked), authority(explanation.asked),
                  explanation.asked.raw_path, explanation.asked.query);

  const auto path = normalise_path(explanation.asked.raw_path);
  if (!path) return explanation;
  explanation.path = *path;
  const auto table = RouteTable::build(config);
  const std::string& host = explanation.asked.host;
  const bool has_route = table->knows_host(host);
  explanation.known_domain = is_known_domain(config, host) || has_route;
  explanation.worktree = config.worktree;
  if (const std::string here = host_in(config.worktree, config.proxy, host);
      !has_route && here != host && table->knows_host(here))
    explanation.called_here = here;
  explain_tls(explanation, config, listener, has_route);
  const std::string_view query = std::string_view(explanation.asked.query);
  explain_routes(explanation, config, *table,
                 {host, explanation.path, explanation.method, &fields,
                  query.substr(std::min<std::size_t>(query.size(), 1))},
                 https_location(config, explanation.asked, listener));
  return explanation;
}

}  // namespace devproxy
