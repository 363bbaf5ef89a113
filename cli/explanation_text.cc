#include <fmt/format.h>

#include "base/text.h"
#include "cli/console.h"
#include "cli/explained_certificate.h"
#include "cli/explanation.h"
#include "cli/url_table.h"

namespace devproxy {
namespace {

/// Lines under a label: the label stands before the first one only.
class Sections final {
 public:
  explicit Sections(bool colour) : colour_(colour) {}

  void line(std::string_view label, std::string_view text) {
    const bool repeated = label == last_;
    text_ += fmt::format("  {}  {}\n",
                         paint(fmt::format("{:<11}", repeated ? "" : label), Colour::dim, colour_),
                         text);
    last_ = label;
  }
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
  std::string last_;
};

std::string place(const Position& at) {
  return at.line == 0 ? at.file : fmt::format("{}:{}", at.file, at.line);
}

std::string listener_line(const Explanation& explanation) {
  const std::string listeners = listeners_text(explanation.listeners);
  if (!explanation.port_is_ours) {
    return fmt::format("none has port {}: the file asks for {}",
                       shown_port(*explanation.asked.port), listeners);
  }
  if (explanation.proxy_owner.empty())
    return listeners + ": nobody listens there now; devproxy up starts the proxy";
  return fmt::format("{}: {}", listeners, explanation.proxy_owner);
}

std::string route_words(const ExplainedRoute& route) {
  const bool redirect = route.target.starts_with("->");
  return fmt::format("{}{} -> {} {}", route.host, route.path == "/" ? "/" : escape(route.path),
                     route.service, redirect ? route.target.substr(3) : route.target);
}

void add_routes(Sections& sections, const Explanation& explanation, bool colour) {
  if (const ExplainedRoute* route = explanation.winner()) {
    sections.line("route", fmt::format("{}  ({})", paint(route_words(*route), Colour::bold, colour),
                                       place(route->at)));
  } else {
    const std::string answer =
        explanation.known_domain ? "404 with the list of routes" : "an empty 421";
    sections.line("route",
                  paint(fmt::format("none: the answer is {}", answer), Colour::yellow, colour));
  }
  for (const ExplainedRoute& route : explanation.routes) {
    if (route.matched) continue;
    sections.line("not", fmt::format("{}  ({}): {}", route_words(route), place(route.at),
                                     escape(route.reason)));
  }
}

void add_backends(Sections& sections, const Explanation& explanation, bool colour) {
  std::string owner;
  bool two_owners = false;
  for (const BackendAddress& backend : explanation.backends) {
    const std::string state = backend.listening ? paint("listening", Colour::green, colour)
                                                : paint(backend.why_not, Colour::red, colour);
    sections.line("backend", fmt::format("{}  {}{}", escape(backend.address), state,
                                         backend.owner.empty() ? "" : ": " + backend.owner));
    two_owners = two_owners || (!owner.empty() && !backend.owner.empty() && owner != backend.owner);
    if (!backend.owner.empty()) owner = backend.owner;
  }
  if (two_owners) {
    sections.line("backend", paint("two processes share this port: the first address answers",
                                   Colour::yellow, colour));
  } else if (const ExplainedRoute* route = explanation.winner();
             route != nullptr && explanation.refusal.empty() && !explanation.is_reachable()) {
    sections.line("backend",
                  paint(explanation.command.empty()
                            ? fmt::format("nobody listens: start {}, or correct its target in {}",
                                          route->service, place(route->at))
                            : fmt::format("{} does not run: devproxy up starts it", route->service),
                        Colour::yellow, colour));
  }
}

void add_certificate(Sections& sections, const Explanation& explanation, bool colour) {
  const ExplainedCertificate& certificate = explanation.certificate;
  if (!explanation.refusal.empty()) {
    sections.line("certificate",
                  paint(fmt::format("none: the handshake is refused, for {}", explanation.refusal),
                        Colour::red, colour));
  } else if (certificate.from != CertificateFrom::none) {
    sections.line("certificate", paint(certificate_text(certificate),
                                       certificate.fits ? Colour::plain : Colour::red, colour));
  }
}

void add_request(Sections& sections, const Explanation& explanation) {
  sections.line("request", explanation.request_line);
  if (!explanation.transport.empty()) sections.line("request", escape(explanation.transport));
  for (const auto& [name, value] : explanation.fields)
    sections.line("request", fmt::format("{}: {}", name, escape(value)));
  sections.line("request", "and Via, and X-Request-Id if the client sent none");
}

void add_command(Sections& sections, const Explanation& explanation) {
  if (!explanation.command.empty()) sections.line("command", escape(explanation.command));
  if (!explanation.found.empty()) sections.line("found", explanation.found);
  if (!explanation.adapter.empty()) sections.line("command", escape(explanation.adapter));
}
}  // namespace

std::string explanation_text(const Explanation& explanation, bool colour) {
  Sections sections(colour);
  sections.line("listener", listener_line(explanation));
  add_certificate(sections, explanation, colour);
  if (explanation.path.empty()) {
    sections.line("path", "climbs above the root or has a broken % sequence: the answer is 400");
  } else if (explanation.path != explanation.asked.raw_path) {
    sections.line("path", fmt::format("{}, asked for as {}", escape(explanation.path),
                                      explanation.asked.raw_path));
  }
  if (!explanation.path.empty()) add_routes(sections, explanation, colour);
  if (!explanation.redirect.empty()) {
    sections.line("answer", "308 to " + escape(explanation.redirect));
  } else if (!explanation.request_line.empty()) {
    add_request(sections, explanation);
  }
  add_command(sections, explanation);
  add_backends(sections, explanation, colour);
  return fmt::format("{} {}\n\n{}", explanation.method,
                     paint(explanation.url, Colour::cyan, colour), sections.take());
}

}  // namespace devproxy
