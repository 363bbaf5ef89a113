#include <fmt/format.h>

#include "base/text.h"
#include "cli/explain/explained_certificate.h"
#include "cli/explain/explanation.h"
#include "cli/ports/ports_text.h"
#include "cli/project/url_table.h"
#include "cli/project/worktree_text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/process_words.h"
#include "cli/terminal/time_text.h"
#include "services/output_lines.h"

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
    for (const ExplainedWhen& when : route->service_when) {
      sections.line("when", fmt::format("{} -> {}: {}{}", escape(when.text), when.service,
                                        when.chosen ? "chosen, " : "", escape(when.reason)));
    }
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

/// The devproxy that runs has more to say about it.
bool is_run_here(const Explanation& explanation) {
  return explanation.run && explanation.run->service;
}

void add_backends(Sections& sections, const Explanation& explanation, const ExplainView& view) {
  const bool colour = view.colour;
  std::string owner;
  bool two_owners = false;
  for (const BackendAddress& backend : explanation.backends) {
    const std::string state = backend.listening ? paint("listening", Colour::green, colour)
                                                : paint(backend.why_not, Colour::red, colour);
    const std::string owner_words =
        backend.process ? whole_text({backend.process, 0, ""}, view.home, view.now) : backend.owner;
    sections.line("backend", fmt::format("{}  {}{}", escape(backend.address), state,
                                         owner_words.empty() ? "" : ": " + owner_words));
    two_owners = two_owners || (!owner.empty() && !backend.owner.empty() && owner != backend.owner);
    if (!backend.owner.empty()) owner = backend.owner;
  }
  if (two_owners) {
    sections.line("backend", paint("two processes share this port: the first address answers",
                                   Colour::yellow, colour));
  } else if (const ExplainedRoute* route = explanation.winner();
             route != nullptr && explanation.refusal.empty() && !explanation.is_reachable() &&
             !is_run_here(explanation)) {
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

void add_worktree(Sections& sections, const Explanation& explanation, bool colour) {
  if (const std::string text = worktree_text(explanation.worktree); !text.empty())
    sections.line("worktree", text);
  if (explanation.called_here.empty()) return;
  sections.line("worktree", paint(fmt::format("{} is the main checkout's; here it is {}",
                                              explanation.asked.host, explanation.called_here),
                                  Colour::yellow, colour));
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

void add_service(Sections& sections, const ExplainedRun& run, bool colour) {
  if (!run.service) return;
  const RunningService& service = *run.service;
  const bool well = service.completed || service.state == "ready";
  std::string state = service.completed ? "done" : service.state;
  if (!service.detail.empty())
    state += (service.state == "waiting" ? " for " : ": ") + escape(service.detail);
  if (service.process != 0) state += fmt::format(" (pid {})", service.process);
  sections.line("service", paint(state, well ? Colour::green : Colour::red, colour));
  for (const std::string& line : run.last_lines) sections.line("printed", escape(plain_text(line)));
  if (!well && !service.comes) {
    sections.line("service", paint(fmt::format("devproxy restart {} starts it again", service.name),
                                   Colour::yellow, colour));
  }
}

std::string request_text(const RecentRequest& request, bool colour) {
  constexpr std::size_t path_width = 32;
  const Colour shown = request.status >= 500   ? Colour::red
                       : request.status >= 400 ? Colour::yellow
                                               : Colour::green;
  std::string text = fmt::format("{}  {:<7} {:<{}}  {} {:>7}", clock_text(request.began, false),
                                 escape(request.method), escape(request.path), path_width,
                                 paint(std::to_string(request.status), shown, colour),
                                 duration_text(request.took));
  if (!request.note.empty()) text += fmt::format("  ({})", escape(request.note));
  return text;
}

/// How it went lately, in one line, before the requests themselves.
std::string health_text(const ExplainedRun& run, bool colour) {
  std::size_t failed = 0;
  for (const RecentRequest& request : run.requests) failed += request.status >= 500 ? 1 : 0;
  const std::size_t count = run.requests.size();
  const std::string words =
      count == 1
          ? std::string(failed == 0 ? "the last request did not fail" : "the last request failed")
          : fmt::format("{} of the last {} requests failed",
                        failed == 0 ? "none" : std::to_string(failed), count);
  return paint(words, failed == 0 ? Colour::green : Colour::yellow, colour);
}

void add_run(Sections& sections, const Explanation& explanation, bool colour) {
  if (!explanation.run) return;
  const ExplainedRun& run = *explanation.run;
  if (!run.invalid_file.empty()) {
    sections.line("file", paint("it was changed and does not hold: devproxy runs with the routes "
                                "from before (" +
                                    escape_own(run.invalid_file) + ")",
                                Colour::red, colour));
  }
  add_service(sections, run, colour);
  if (!run.measures) {
    sections.line("requests", "not recorded: access_log was off when devproxy was started");
    return;
  }
  if (run.requests.empty()) {
    sections.line("requests", "none since devproxy was started");
    return;
  }
  sections.line("health", health_text(run, colour));
  for (const RecentRequest& request : run.requests)
    sections.line("requests", request_text(request, colour));
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const ExplainView& view) {
  const bool colour = view.colour;
  Sections sections(colour);
  if (explanation.name) sections.line("name", resolution_text(*explanation.name));
  sections.line("listener", listener_line(explanation));
  if (!explanation.elsewhere.empty())
    sections.line("project", paint(escape(explanation.elsewhere), Colour::yellow, colour));
  add_worktree(sections, explanation, colour);
  add_certificate(sections, explanation, colour);
  if (explanation.path.empty()) {
    sections.line("path", "climbs above the root or has a broken % sequence: the answer is 400");
  } else if (explanation.path != explanation.asked.raw_path) {
    sections.line("path", fmt::format("{}, asked for as {}", escape(explanation.path),
                                      explanation.asked.raw_path));
  }
  if (!explanation.path.empty()) add_routes(sections, explanation, colour);
  if (!explanation.fallback.empty()) {
    sections.line("fallback", fmt::format("{} of the main checkout answers for {}, which was left "
                                          "out here; Devproxy-Fallback in the response says so",
                                          explanation.fallback, explanation.winner()->service));
  }
  if (!explanation.redirect.empty()) {
    sections.line("answer", "308 to " + escape(explanation.redirect));
  } else if (!explanation.request_line.empty()) {
    add_request(sections, explanation);
  }
  add_command(sections, explanation);
  add_backends(sections, explanation, view);
  add_run(sections, explanation, colour);
  return fmt::format("{} {}\n\n{}", explanation.method,
                     paint(explanation.url, Colour::cyan, colour), sections.take());
}

}  // namespace devproxy
