// The answers that an Exchange gives by itself: every failure, in one place, for people and for
// programs.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/text.h"
#include "config/certificates.h"
#include "config/values.h"
#include "proxy/context.h"
#include "proxy/exchange.h"
#include "proxy/http/host.h"
#include "proxy/upstream.h"

namespace devproxy {
namespace {

/// The source of an answer that is already whole.
class NoSource final : public MessageSource {
 public:
  void pause() override {}
  void resume() override {}
  void cancel() override {}
};

NoSource no_source;

int status_of(const Error& why) {
  switch (why.code) {
    case Code::refused:
    case Code::no_descriptors:
      return 503;
    case Code::timed_out:
      return 504;
    default:
      return 502;
  }
}

/// A media range with the weight 0 (RFC 9110 12.4.2).
bool is_unwanted(std::string_view range) {
  for (const std::string_view parameter : split(range, ';')) {
    const std::string_view weight = trim(parameter);
    if (weight.size() < 3 || to_lower(weight[0]) != 'q' || weight[1] != '=') continue;
    return weight.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

/// Once for each host. The advice is a line that the configuration takes, else there is none.
void log_unknown(Context& context, std::string_view host) {
  constexpr std::size_t longest_name = 253;
  const std::string_view shown = host.substr(0, longest_name);
  if (!context.first_sight_of(shown)) return;
  std::string line = fmt::format("refused a request for the unknown host \"{}\"", escape(shown));
  if (parse_host(host)) line += fmt::format("; to route it, give a service: host = \"{}\"", host);
  log(LogLevel::warn, line);
}

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000.0);
}

}  // namespace

bool Exchange::accepts_html() const {
  bool accepts = false;
  for (const Field& field : request_.headers.fields()) {
    if (field.id != FieldId::accept) continue;
    for_each_element(request_.headers.value(field), [&](std::string_view range) {
      const std::string_view type = trim(range.substr(0, range.find(';')));
      if (iequals(type, "text/html") && !is_unwanted(range)) accepts = true;
    });
  }
  return accepts;
}

void Exchange::answer(int status, std::string_view type, std::string_view body) {
  timeout_.cancel();
  phase_ = Phase::over;
  response_begun_ = true;
  response_ended_ = true;
  response_.status = status;
  response_.is_whole = true;
  response_.headers.add("Date", context_.date(), FieldId::date);
  if (!type.empty()) response_.headers.add("Content-Type", type);
  response_.content_length = body.size();
  response_.body = {body.empty() ? BodyLength::Kind::none : BodyLength::Kind::known, body.size()};
  const bool is_head = request_.method_text() == "HEAD";
  client_->response_head(response_, no_source);
  if (!is_head && !body.empty()) {
    bytes_out_ += body.size();
    client_->response_data(body);
  }
  record();
  client_->response_end(nullptr);
}

void Exchange::answer_page(const Page& page, const char* kind) {
  response_.clear();
  response_.headers.add("Devproxy-Error", kind);
  response_.headers.add("Cache-Control", "no-store");
  if (upstream_ != nullptr) name_choice(response_);
  if (page.status == 503) response_.headers.add("Retry-After", "1");
  if (accepts_html()) {
    response_.headers.add("Content-Security-Policy", page_security_policy);
    answer(page.status, "text/html; charset=utf-8", render_html(page));
  } else {
    answer(page.status, "application/problem+json", render_problem_json(page));
  }
}

/// What the answer would not have been for every request of this URL, and whose it is.
void Exchange::name_choice(Response& response) const {
  // RFC 9110 12.5.5: a browser that switches must not show what it keeps of the other service.
  if (!route_->vary.empty()) response.headers.add("Vary", route_->vary);
  const Service& service = routing_->table->services()[service_];
  if (!service.fallback.empty()) response.headers.add("Devproxy-Fallback", service.fallback);
}

void Exchange::redirect(const std::string& to) {
  response_.clear();
  std::string location = to;
  const std::size_t scheme = to.find("://");
  const std::size_t slash = to.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (slash == std::string::npos || slash + 1 == to.size()) {
    location.resize(slash == std::string::npos ? to.size() : slash);
    location.append(request_.target_text() == "*" ? std::string_view("/") : request_.target_text());
  }
  response_.headers.add("Location", location);
  name_choice(response_);
  answer(308, {}, {});
}

/// RFC 9110 15.5.20: this connection's certificate is not the one that the host has been given, so
/// that the client must not reuse it for the host.
bool Exchange::is_misdirected(std::string_view host) const {
  const TlsFacts* tls = facts_->tls();
  return tls != nullptr && !context_.server_tls.same_policy(*tls->session, host);
}

bool Exchange::wants_https() const {
  return facts_->tls() == nullptr && (routing_->settings.https == HttpsMode::redirect ||
                                      (route_ != nullptr && route_->rule.to_https) ||
                                      facts_->listener().only == ListenOnly::tls);
}

/// The same URL over TLS: on this port when it takes TLS, else on the first that does.
void Exchange::redirect_to_https() {
  const std::string_view authority = request_.authority_text();
  if (authority.empty()) {
    refuse(400, "it names no host, and this listener speaks https only");
    return;
  }
  std::string location = "https://";
  // Whoever came to 80 expects 443, although 80 would take TLS as well.
  const bool is_elsewhere = facts_->listener().only == ListenOnly::plain ||
                            (facts_->listener().port == 80 && context_.tls_port == 443);
  if (!is_elsewhere) {
    location.append(authority);
    // No port means 80 here and 443 there.
    if (port_text(authority).empty() && facts_->listener().port != 443)
      location.append(":").append(std::to_string(facts_->listener().port));
  } else {
    location.append(host_part(authority));
    const std::uint16_t port = context_.tls_port;
    if (port != 443) location.append(":").append(std::to_string(port));
  }
  const std::string_view target = request_.target_text();
  location.append(target == "*" ? std::string_view("/") : target);
  response_.clear();
  response_.headers.add("Location", location);
  answer(308, {}, {});
}

/// Everything that can go wrong with a service becomes an answer here.
void Exchange::answer_failure(const Error& why) {
  note(why.detail);
  if (is_looking_nearby(why)) return;
  answer_page(page_for(why), why.code == Code::refused ? "service-down" : "bad-gateway");
}

/// Who listens instead is for the eyes of this user. The answer waits a few milliseconds until that
/// is known: the page is shown once, however often it asks whether the service is back.
bool Exchange::is_looking_nearby(const Error& why) {
  constexpr std::uint64_t pause_ms = 5;
  constexpr std::uint8_t most_looks = 60;
  if (why.code != Code::refused || !context_.options.look_nearby ||
      upstream_->endpoint().kind != Endpoint::Kind::loopback || looks_ == most_looks ||
      !facts_->is_own_user())
    return false;
  ++looks_;
  if (auto found = context_.options.look_nearby(routing_->table->services()[service_].name)) {
    nearby_ = std::move(*found);
    return false;
  }
  timeout_.start(pause_ms, [this, why] {
    if (phase_ != Phase::over) answer_failure(why);
  });
  return true;
}

Page Exchange::page_for(const Error& why) const {
  const Service& service = routing_->table->services()[service_];
  const Endpoint& endpoint = upstream_->endpoint();
  Page page;
  page.status = status_of(why);
  page.facts = {{"service", std::string(plain_name(service.name))}, {"address", endpoint.text()}};
  if (service.at.line > 0)
    page.facts.emplace_back("defined in", fmt::format("{}:{}", service.at.file, service.at.line));
  if (!service.fallback.empty())
    page.facts.emplace_back("falls back to", service.fallback + " of the main checkout");
  if (why.code == Code::refused) {
    page.title = fmt::format("{} is not running", plain_name(service.name));
    const bool is_socket = endpoint.kind == Endpoint::Kind::unix_socket;
    page.detail =
        is_socket
            ? fmt::format("Nothing listens on the socket {}.", endpoint.host)
            : fmt::format(
                  "Nothing listens on port {}: the connection was refused{}.", endpoint.port,
                  endpoint.kind == Endpoint::Kind::loopback ? " on 127.0.0.1 and on ::1" : "");
    page.facts.emplace_back("last seen", upstream_->has_answered()
                                             ? seconds(upstream_->gone_for()) + " ago"
                                             : "not since devproxy started");
    page.hint = is_socket ? "Start the service. What this URL is routed to, and why:"
                          : fmt::format(
                                "Start the service so that it listens on port {}. What this URL is "
                                "routed to, and why:",
                                endpoint.port);
    page.nearby = nearby_;
    if (!nearby_.empty()) {
      page.hint = fmt::format(
          "Start the service so that it listens on port {}; or, if it is what listens nearby, "
          "correct its port in devproxy.toml. What this URL is routed to, and why:",
          endpoint.port);
    }
    if (context_.options.tell_of) tell_of_service(page, service);
    page.reloads = request_.method_text() == "GET";
    if (!page.reloads) page.detail += " What was sent did not arrive: send it again then.";
  } else {
    page.title = fmt::format("{} did not answer", plain_name(service.name));
    page.detail = fmt::format("The request went to {}: {}.", endpoint.text(), why.detail);
    page.hint = why.code == Code::unresolved
                    ? fmt::format(
                          "Correct the url in devproxy.toml, or give the name an address: getent "
                          "hosts {} shows what this system finds. What this URL is routed to, and "
                          "why:",
                          endpoint.host)
                    : "The log of the service says more. What this URL is routed to, and why:";
  }
  // Pasted into a shell: in quotes that nothing of the request can leave.
  const std::string url =
      fmt::format("{}://{}{}", scheme(), request_.authority_text(), request_.target_text());
  std::string quoted;
  for (const char c : url) quoted.append(c == '\'' ? "%27" : std::string(1, c));
  page.command = fmt::format("devproxy explain '{}'", quoted);
  return page;
}

/// devproxy runs the service itself: what to do is another thing then. What it printed is for its
/// user's eyes.
void Exchange::tell_of_service(Page& page, const Service& service) const {
  const auto tale = context_.options.tell_of(service.name);
  if (!tale) return;
  if (!tale->missing.empty()) {
    page.detail = tale->missing;
    page.hint =
        "Start the server: it is found on whatever port it listens. What this URL is "
        "routed to, and why:";
    return;
  }
  if (tale->starting) page.title = fmt::format("{} is starting", plain_name(service.name));
  page.facts.emplace_back("state", tale->state);
  page.hint = tale->starting
                  ? "devproxy started it and waits for it to listen there. What this URL is "
                    "routed to, and why:"
                  : "devproxy runs this service; what it printed says more. What this URL is "
                    "routed to, and why:";
  if (!tale->advice.empty()) page.hint = tale->advice + " What this URL is routed to, and why:";
  if (facts_->is_own_user()) page.lines = tale->last_lines;
}

void Exchange::answer_loop() {
  const Service& service = routing_->table->services()[service_];
  note("the request came round five times");
  Page page;
  page.status = 508;
  page.title = "The request runs in a circle";
  page.detail =
      fmt::format("It passed through this proxy five times: the service {} sends it back here.",
                  plain_name(service.name));
  page.facts = {
      {"route", std::string(host_name(request_.authority_text(), host_)) + route_->rule.path},
      {"service", std::string(plain_name(service.name))},
      {"address", routing_->upstreams[service_]->endpoint().text()}};
  if (route_->rule.at.line > 0)
    page.facts.emplace_back("defined in",
                            fmt::format("{}:{}", route_->rule.at.file, route_->rule.at.line));
  page.hint =
      "The usual cause is the dev server's own proxy setting that keeps the Host of the request: "
      "set changeOrigin: true "
      "there, or give it the direct address of its target (http://127.0.0.1:PORT).";
  answer_page(page, "loop");
}

/// RFC 9110 7.6.2: the request has reached its last recipient.
void Exchange::answer_max_forwards() {
  response_.clear();
  if (request_.method_text() == "OPTIONS") {
    response_.headers.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE");
    answer(204, {}, {});
    return;
  }
  // RFC 9110 9.3.8: the request as it was received, without what may be secret.
  std::string echo;
  echo.append(request_.method_text()).append(" ").append(request_.target_text());
  echo.append(" ").append(request_.protocol).append("\r\n");
  for (const Field& field : request_.headers.fields()) {
    const std::string_view name = request_.headers.name(field);
    if (iequals(name, "cookie") || iequals(name, "authorization") ||
        iequals(name, "proxy-authorization"))
      continue;
    echo.append(name).append(": ").append(request_.headers.value(field)).append("\r\n");
  }
  answer(200, "message/http", echo);
}

bool Exchange::is_local_name(std::string_view host) const {
  return is_loopback_name(host) || is_in_domains(routing_->settings, host);
}

void Exchange::refuse_unknown(std::string_view host) {
  if (!is_local_name(host) && !routing_->table->knows_host(host)) {
    // A page that rebinds its DNS to 127.0.0.1 learns nothing from this.
    note("unknown host");
    log_unknown(context_, host);
    response_.clear();
    answer(421, {}, {});
    return;
  }
  note("no route");
  if (!facts_->is_own_user()) {
    response_.clear();
    answer(404, {}, {});
    return;
  }
  Page page;
  page.status = 404;
  page.title =
      fmt::format("No route for {}", request_.authority_text().empty() ? "a request without a Host"
                                                                       : request_.authority_text());
  page.detail = fmt::format("No route of this proxy matches {} {}.", request_.method_text(),
                            request_.target_text().substr(0, 200));
  page.routes = route_list();
  page.hint =
      page.routes.empty()
          ? "There are no routes yet: add a service to devproxy.toml. It is read again when it is "
            "saved."
          : "These are the routes that there are. devproxy.toml is read again when it is saved.";
  answer_page(page, "no-route");
}

std::vector<std::pair<std::string, std::string>> Exchange::route_list() const {
  constexpr std::size_t most = 200;
  std::vector<std::pair<std::string, std::string>> list;
  std::string port(port_text(request_.authority_text()));
  if (port.empty() && facts_->listener().port != (facts_->tls() != nullptr ? 443 : 80))
    port = std::to_string(facts_->listener().port);
  for (const Route& route : routing_->table->routes()) {
    const Service& service = routing_->table->services()[route.service];
    const auto* redirect = std::get_if<RedirectTarget>(&service.target);
    const std::string target =
        service.name + " " +
        (redirect != nullptr ? redirect->to
                             : routing_->upstreams[route.service]->endpoint().text());
    for (const std::string& host : route.rule.hosts) {
      if (list.size() == most) return list;
      list.emplace_back(fmt::format("{}://{}{}{}{}", scheme(), host, port.empty() ? "" : ":", port,
                                    route.rule.path),
                        target);
    }
  }
  return list;
}

}  // namespace devproxy
