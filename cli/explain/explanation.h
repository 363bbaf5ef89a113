// An Explanation is everything that `explain URL` found out, as values: the forms for people and
// for programs are made from it. Built by explain(); pure but for the questions to the system (who
// listens where). Main thread.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/ports/probe.h"
#include "cli/project/name_resolution.h"
#include "cli/running/recent_requests.h"
#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "config/config.h"
#include "proxy/server.h"
#include "router/route_table.h"

namespace devproxy {

/// A URL as a client would ask for it.
struct AskedUrl {
  std::optional<bool> tls;  ///< https and wss, or http and ws; none: not said
  std::string host;         ///< lower-case, without brackets, port and trailing dot
  std::optional<std::uint16_t> port;
  std::string raw_path;  ///< as it stands in the URL, begins with '/'
  std::string query;     ///< with its '?', or empty
};

enum class CertificateFrom : std::uint8_t {
  none,      ///< no TLS
  own,       ///< a file of the user's
  local_ca,  ///< signed for the name
  loopback,  ///< signed for 127.0.0.1, ::1 and localhost, whatever was asked for
};

/// The certificate that a client of this URL gets.
struct ExplainedCertificate {
  CertificateFrom from = CertificateFrom::none;
  bool fits = true;                ///< as far as the file tells; else clients refuse it
  std::vector<std::string> names;  ///< that it is for; of an own one only its file knows
  std::string file;                ///< of an own one
  Position at;                     ///< where tls names that
  std::string why;                 ///< it does not fit, and what to do
};

/// What the devproxy that runs with the file says about the route.
struct ExplainedRun {
  std::int64_t pid = 0;
  std::string invalid_file;               ///< it uses older routes, since the file does not hold
  std::optional<RunningService> service;  ///< when it runs the service itself
  std::vector<std::string> last_lines;    ///< that the service printed
  bool measures = false;                  ///< false: it keeps no requests (access_log = false)
  std::vector<RecentRequest> requests;    ///< the last ones of this host and service
};

/// One table of the route's service_when.
struct ExplainedWhen {
  std::string text;  ///< "cookie branch=next"
  std::string service;
  bool chosen = false;
  std::string reason;  ///< "the request has no cookie branch"
};

struct ExplainedRoute {
  std::string host;  ///< the pattern that was looked at
  std::string path;
  std::string service;  ///< that answers: chosen by service_when, or the route's own
  std::string target;
  bool matched = false;
  std::string reason;
  Position at;
  std::vector<ExplainedWhen> service_when = {};  ///< of the one that matched
};

struct Explanation {
  std::string url;
  std::string method;
  AskedUrl asked;
  std::string path;  ///< normalised; empty: it climbs above the root, answered with 400
  std::vector<BoundAddress> listeners;  ///< what the file asks for
  bool port_is_ours = false;            ///< one of the listeners has the URL's port
  std::string proxy_owner;              ///< who listens there now; empty: nobody
  std::string refusal;                  ///< why this listener does not speak TLS; mostly empty
  ExplainedCertificate certificate;
  std::vector<ExplainedRoute> routes;  ///< best first
  Worktree worktree;                   ///< that the file stands in
  std::string elsewhere;  ///< which project answers, where that is not the one here; mostly empty
  std::string
      called_here;  ///< the host that was meant, when the one asked for is another checkout's
  bool known_domain = false;  ///< without a route: 404 with the list, else 421
  std::string fallback;       ///< "shop/api", of the main checkout, answers; mostly empty
  std::string request_line;   ///< as the service gets it; empty without a route
  std::string command;        ///< that devproxy runs for it, as it is run; mostly empty
  std::string adapter;        ///< what was added to the command and why; mostly empty
  std::string found;          ///< where it was found and who it is; mostly empty
  std::string transport;      ///< how it gets it, where that is not plain HTTP/1.1
  std::vector<std::pair<std::string, std::string>> fields;  ///< that the proxy sets
  std::string redirect;  ///< Location of a redirect: the service's, or to https
  std::vector<BackendAddress> backends;
  std::optional<NameFacts> name;    ///< what the system makes of the host; none: it is an address
  std::optional<ExplainedRun> run;  ///< none: no devproxy runs with the file

  /// The route that answers, or null.
  const ExplainedRoute* winner() const;
  /// Whether somebody would answer: a redirect, or a service that listens.
  bool is_reachable() const;
  /// 0 it is answered, 1 nothing leads there, 3 the service is not running.
  ExitCode exit() const;
};

tl::expected<AskedUrl, Failure> parse_asked_url(std::string_view url);
/// 443 or 80.
std::uint16_t own_port(const AskedUrl& asked);

struct ExplainRequest {
  std::string url;
  std::string method;
  std::vector<std::string> headers;  ///< "Name: value"
};
tl::expected<Explanation, Failure> explain(const Config& config, const ExplainRequest& request);

struct ExplainView {
  bool colour = false;
  std::string home;
  std::chrono::system_clock::time_point now;
};
std::string explanation_text(const Explanation& explanation, const ExplainView& view);

}  // namespace devproxy
