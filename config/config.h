// Config: what devproxy.toml asks for, as plain values, every default beside its field. Made by
// load(), checked by check(), then const and shared by any thread. Holds no pointers and knows no
// TOML.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/command.h"
#include "config/follow.h"
#include "config/worktree.h"

namespace devproxy {

using Milliseconds = std::chrono::milliseconds;

/// A place in one of the files that a Config was read from. line and column count from 1; 0 means
/// "nowhere".
struct Position {
  std::string
      file;  ///< as it should be printed: relative to the working directory where that is shorter
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// ---- What answers ------------------------------------------------------------------------------

/// `port = 62893`: a server on this machine's loopback, 127.0.0.1 or ::1, whichever answers.
struct PortTarget {
  std::uint16_t port = 0;
};
/// How a service is spoken to.
enum class UrlScheme : std::uint8_t {
  http,   ///< HTTP/1.1
  https,  ///< TLS; HTTP/2 or HTTP/1.1, as ALPN settles it
  h2c,    ///< HTTP/2 without TLS, by prior knowledge (RFC 9113 3.3)
};
/// `url = "http://host:port"`: host is a name or an address (IPv6 without brackets), port never 0.
struct UrlTarget {
  UrlScheme scheme = UrlScheme::http;
  std::string host;
  std::uint16_t port = 80;
  bool insecure = false;  ///< https: the service's certificate is not verified
  std::string ca;         ///< https: absolute path of the CA bundle to trust; empty: the system's
};
/// `url = "unix:/path"`.
struct UnixTarget {
  std::string path;
};
/// `redirect = "https://host"`: 308 to this origin; when `to` has no path or "/", the request's
/// path and query are kept.
struct RedirectTarget {
  std::string to;
};
using Target =
    std::variant<PortTarget, UrlTarget, UnixTarget, RedirectTarget, CommandTarget, FollowTarget>;

/// `tls = { cert, key }`: a certificate of the user's own, as absolute paths of PEM files.
struct CertificateFiles {
  std::string cert;
  std::string key;
  Position at;
};

/// Between a project and its service, where one proxy carries several projects: "shop/web".
inline constexpr char label_separator = '/';
/// What the project itself calls its service.
inline std::string_view plain_name(std::string_view service) {
  return service.substr(service.find(label_separator) + 1);
}

struct Service {
  std::string name;
  Target target;
  std::optional<CertificateFiles> tls;  ///< for the hosts of its own route; none: the local CA's
  Position at;                          ///< of the key that makes its kind: `port`, `url` …
  /// Not part of the file: it has a command, and `up SERVICE…` was not asked to run it.
  bool left_out = false;
  /// Nor this: "shop/api", of the main checkout, which answers instead and has given the target.
  std::string fallback = {};
};

// ---- Which requests go there -------------------------------------------------------------------

enum class HostHeader : std::uint8_t {
  preserve,  ///< the client's Host
  upstream,  ///< the authority of the service's url
};

/// What of a request `service_when` looks at.
enum class WhenIn : std::uint8_t { cookie, header, query };

/// One table of `service_when`: requests of the route that carry this go to another service.
struct ServiceWhen {
  WhenIn in = WhenIn::cookie;
  std::string name;                  ///< of a header in lower case; else exact
  std::optional<std::string> value;  ///< exact; none: that it is there is enough
  std::string service;               ///< a name in Config::services; checked
  /// Resolved, since the default depends on the target; none: as the route has it.
  std::optional<HostHeader> host_header;
  Position at;  ///< of the table
};

/// "cookie", "header", "query"
std::string_view word_of(WhenIn in);
/// "cookie branch=next", "header x-beta".
std::string when_text(const ServiceWhen& when);

/// One route: either a service's own keys or one `[[routes]]` entry. Order in Config::routes is
/// file order, and breaks ties.
struct RouteRule {
  std::string service;  ///< a name in Config::services; checked
  std::vector<std::string>
      hosts;  ///< lower-case, no port, no trailing dot: "a.b", "*.a.b" or "*"; never empty
  std::string path = "/";  ///< normalised prefix, begins with '/', no trailing '/' unless it is "/"
  std::vector<std::string> methods;  ///< empty: any. Case-sensitive, as RFC 9110 9.1 says
  std::vector<std::pair<std::string, std::string>>
      headers;                            ///< lower-case name, exact value; all must match
  std::vector<ServiceWhen> service_when;  ///< the first that a request meets; none: `service`
  bool strip_prefix = false;
  HostHeader host_header = HostHeader::preserve;  ///< resolved: the default depends on the target
  std::optional<Milliseconds> timeout;            ///< to the response head; none: wait for ever
  bool to_https = false;  ///< plain requests are sent to https, as HttpsMode::redirect does for all
  bool own = false;       ///< made of the service's own keys: Service::tls is for these hosts
  Milliseconds hold{10'000};  ///< how long requests wait for a service that just went away
  Position at;                ///< of the route
};

/// `listen = 5432` of a service: what comes to this port of 127.0.0.1 and ::1 goes on to it, byte
/// for byte.
struct TcpPort {
  std::uint16_t port = 0;
  std::string service;        ///< a name in Config::services
  Milliseconds hold{10'000};  ///< how long connections wait for a service that just went away
  Position at;                ///< of the number
};

// ---- The proxy itself --------------------------------------------------------------------------

/// The port of the proxy where nobody chose another.
inline constexpr std::uint16_t usual_port = 6289;

/// What a listener accepts: the first byte of a connection tells TLS from plain text.
enum class ListenOnly : std::uint8_t { any, tls, plain };

struct ListenAddress {
  std::string host;         ///< an IP literal without brackets, e.g. "127.0.0.1", "::1", "0.0.0.0"
  std::uint16_t port = 0;   ///< 0: any free port (the printed URLs tell which)
  bool is_default = false;  ///< not written in a file: a family that the system lacks is skipped
  ListenOnly only = ListenOnly::any;
  std::optional<CertificateFiles> tls;  ///< for every name asked for here; none: the local CA's
  Position at;
  bool is_extra = false;  ///< a default that the proxy goes on without: 80 and 443 after `setup`
};

/// What becomes of TLS clients, and of plain ones.
enum class HttpsMode : std::uint8_t {
  on,        ///< both are served
  off,       ///< TLS is refused
  redirect,  ///< plain requests are sent to https with 308
};

enum class AccessLogMode : std::uint8_t { off, path, full };  ///< path: without the query
enum class LogSetting : std::uint8_t { debug, info, warn, error, off };

struct ProxySettings {
  std::vector<ListenAddress> listen;  ///< default: 127.0.0.1:6289 and [::1]:6289
  LogSetting log = LogSetting::info;
  AccessLogMode access_log = AccessLogMode::path;
  bool expose = false;  ///< false: a listener beyond loopback is refused
  std::vector<std::string>
      trusted_proxies;  ///< addresses or CIDR blocks; their X-Forwarded-* are kept and extended
  /// A Host below one of these is answered even without a route, and the local CA may sign for it.
  std::vector<std::string> domains{"localhost", "test"};
  HttpsMode https = HttpsMode::on;
  std::optional<CertificateFiles> tls;  ///< for every name; none: the local CA's
  std::uint16_t dns = 0;                ///< port of the DNS responder on loopback; 0: there is none
  bool remove_hsts = true;  ///< Strict-Transport-Security and Alt-Svc of services go no further
};

struct Config {
  std::string project;            ///< `name`, else the folder's name as a DNS label
  std::string root;               ///< absolute folder of the main file
  std::string file;               ///< absolute path of the main file
  std::vector<Service> services;  ///< enabled ones, in file order, names unique
  std::vector<RouteRule>
      routes;  ///< services' own routes and [[routes]], in file order (local file first)
  std::vector<TcpPort> tcp;  ///< services' `listen`, in the order of the services; ports are unique
  ProxySettings proxy;
  Worktree worktree;  ///< which of several checkouts this is
};

/// 127.0.0.1:6289 and [::1]:6289.
std::vector<ListenAddress> default_listeners();
/// Beside the default ones; a Config whose file says `listen` is left as it is.
void add_default_listeners(Config& config, const std::vector<ListenAddress>& more);
/// Of a folder without a file: everything as it is by default, and no service.
Config bare_config(const std::string& folder);

}  // namespace devproxy
