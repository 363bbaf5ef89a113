#include "cli/explanation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/probe.h"
#include "cli/url_table.h"
#include "router/path.h"

namespace devproxy {
namespace {

Failure bad_url(std::string_view url, std::string_view why) {
  return {ExitCode::usage,
          "usage.bad_url",
          fmt::format("\"{}\" is no URL that can be asked for: {}", escape(url), why),
          "for example: devproxy explain http://shop.localhost:6289/api",
          {}};
}

/// As a browser does with what people type.
std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

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
  std::optional<std::string_view> field(std::string_view name) const override {
    for (const auto& [each, value] : fields_) {
      if (each == name) return value;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool is_known_domain(const Config& config, const std::string& host) {
  if (host == "localhost" || is_loopback(host)) return true;
  return std::any_of(config.proxy.domains.begin(), config.proxy.domains.end(),
                     [&host](const std::string& domain) {
                       return host == domain || host.ends_with("." + domain);
                     });
}

std::string authority(const AskedUrl& asked) {
  const std::string host =
      asked.host.find(':') == std::string::npos ? asked.host : "[" + asked.host + "]";
  return asked.port.value_or(80) == 80 ? host : fmt::format("{}:{}", host, *asked.port);
}

std::string redirect_location(const std::string& to, const AskedUrl& asked) {
  const std::size_t scheme = to.find("://");
  const std::size_t path = to.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) return to + asked.raw_path + asked.query;
  if (path + 1 == to.size()) return to.substr(0, path) + asked.raw_path + asked.query;
  return to;
}

/// What the service gets: product section 5, "Headers".
void describe_request(Explanation& explanation, const RouteRule& rule, const Target& target) {
  const AskedUrl& asked = explanation.asked;
  const std::string path = rule.strip_prefix
                               ? strip_path_prefix(asked.raw_path, explanation.path, rule.path)
                               : asked.raw_path;
  explanation.request_line = fmt::format("{} {}{} HTTP/1.1", explanation.method, path, asked.query);
  std::string host = authority(asked);
  if (const auto* url = std::get_if<UrlTarget>(&target);
      url != nullptr && rule.host_header == HostHeader::upstream) {
    host = url->port == 80 ? url->host : address_text({url->host, url->port});
  }
  explanation.fields = {{"Host", host},
                        {"X-Forwarded-For", "127.0.0.1"},
                        {"X-Forwarded-Proto", "http"},
                        {"X-Forwarded-Host", authority(asked)},
                        {"X-Forwarded-Port", fmt::format("{}", asked.port.value_or(80))}};
  explanation.fields.emplace_back(
      "Forwarded", fmt::format("for=127.0.0.1;host=\"{}\";proto=http", authority(asked)));
  if (rule.strip_prefix && rule.path != "/")
    explanation.fields.emplace_back("X-Forwarded-Prefix", rule.path);
}

void explain_routes(Explanation& explanation, const RouteTable& table, const Lookup& lookup) {
  for (const Candidate& candidate : table.explain(lookup)) {
    const Route& route = *candidate.route;
    const Target& target = table.services()[route.service].target;
    explanation.routes.push_back({candidate.host, route.rule.path, route.rule.service,
                                  target_text(target), candidate.matched, candidate.reason,
                                  route.rule.at});
    if (!candidate.matched) continue;
    if (const auto* redirect = std::get_if<RedirectTarget>(&target)) {
      explanation.redirect = redirect_location(redirect->to, explanation.asked);
    } else {
      describe_request(explanation, route.rule, target);
    }
    explanation.backends = probe(target);
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
  return is_reachable() ? ExitCode::done : ExitCode::not_running;
}

tl::expected<AskedUrl, Failure> parse_asked_url(std::string_view url) {
  AskedUrl asked;
  std::string_view rest = url;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end != std::string_view::npos) {
    const std::string scheme = lower(url.substr(0, scheme_end));
    if (scheme == "https" || scheme == "wss") {
      return tl::unexpected(not_built(scheme, "explain the same URL with http://"));
    }
    if (scheme != "http" && scheme != "ws") {
      return tl::unexpected(bad_url(url, fmt::format("the scheme {} is not http", escape(scheme))));
    }
    asked.port = std::uint16_t{80};
    rest.remove_prefix(scheme_end + 3);
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view host = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);

  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const auto port = parse_number(host.substr(colon + 1));
    if (!port || *port == 0 || *port > 65'535)
      return tl::unexpected(bad_url(url, "its port is no number from 1 to 65535"));
    asked.port = static_cast<std::uint16_t>(*port);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    asked.host = lower(host.substr(1, host.size() - 2));
  } else {
    asked.host = lower(host);
    if (asked.host.ends_with('.')) asked.host.pop_back();
    if (!std::all_of(asked.host.begin(), asked.host.end(), is_host_character)) {
      return tl::unexpected(bad_url(url, "its host has characters that host names cannot have"));
    }
  }
  if (asked.host.empty()) return tl::unexpected(bad_url(url, "it has no host"));

  const std::size_t question = std::min(rest.find('?'), rest.size());
  asked.raw_path = percent_encode(rest.substr(0, question));
  if (asked.raw_path.empty()) asked.raw_path = "/";
  asked.query = percent_encode(rest.substr(question));
  return asked;
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
  if (!explanation.asked.port) explanation.asked.port = public_port(explanation.listeners);
  explanation.url = fmt::format("http://{}{}{}", authority(explanation.asked),
                                explanation.asked.raw_path, explanation.asked.query);
  for (const BoundAddress& address : explanation.listeners) {
    if (address.port != *explanation.asked.port) continue;
    explanation.port_is_ours = true;
    if (explanation.proxy_owner.empty())
      explanation.proxy_owner = owner_text(address.host, address.port);
  }

  const auto path = normalise_path(explanation.asked.raw_path);
  if (!path) return explanation;
  explanation.path = *path;
  const auto table = RouteTable::build(config);
  explanation.known_domain =
      is_known_domain(config, explanation.asked.host) || table->knows_host(explanation.asked.host);
  explain_routes(explanation, *table,
                 {explanation.asked.host, explanation.path, explanation.method, &fields});
  return explanation;
}

}  // namespace devproxy
