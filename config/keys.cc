#include "config/keys.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::uint16_t operator|(Place a, Place b) {
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr std::uint16_t root = static_cast<std::uint16_t>(Place::root);
constexpr std::uint16_t service = static_cast<std::uint16_t>(Place::service);
constexpr std::uint16_t proxy = static_cast<std::uint16_t>(Place::proxy);
constexpr std::uint16_t listen = static_cast<std::uint16_t>(Place::listen);
constexpr std::uint16_t tls = static_cast<std::uint16_t>(Place::tls);
constexpr std::uint16_t ready = static_cast<std::uint16_t>(Place::ready);
constexpr std::uint16_t follow = static_cast<std::uint16_t>(Place::follow);
constexpr std::uint16_t when = static_cast<std::uint16_t>(Place::when);
constexpr std::uint16_t has_tls = static_cast<std::uint16_t>(service | proxy | listen);
constexpr std::uint16_t both = Place::service | Place::route;
constexpr std::uint16_t names_service = Place::route | Place::when;

constexpr std::string_view serve_it = "run a server for it and name where it listens: port = 3000";
constexpr std::string_view leave_out = "take the key out, or use a newer devproxy";

using enum KindRole;

// The everyday keys first: the table is searched from the front.
constexpr std::array table = {
    KeyInfo{"host", both, Key::host, KeyType::one_or_more, none,
            "service: `<service>.<project>.localhost`; route: the hosts of its service",
            "which hosts: exact names, `*.suffix`, or `*` for any"},
    KeyInfo{"path", both, Key::path, KeyType::string, none, "`/`",
            "which paths: a prefix of whole segments; the longest wins"},
    KeyInfo{"service", names_service, Key::service, KeyType::string, none, "required",
            "the service that answers"},
    KeyInfo{"port", service, Key::port, KeyType::integer, kind, "",
            "kind: a server on this loopback port"},
    KeyInfo{"command", service, Key::command, KeyType::one_or_more, kind, "",
            "kind: a command that devproxy runs; a string goes through the shell"},
    KeyInfo{"follow", service, Key::follow, KeyType::table, kind, "",
            "kind: a server that somebody else starts, on whatever port it listens"},
    KeyInfo{
        "url", service, Key::url, KeyType::string, kind, "",
        "kind: a server at `http://`, `https://` or `h2c://` and `host:port`, or at `unix:/path`"},
    KeyInfo{"redirect", service, Key::redirect, KeyType::string, kind, "",
            "kind: a permanent redirect (308) to this http(s) address"},
    KeyInfo{"strip_prefix", both, Key::strip_prefix, KeyType::boolean, forwarding, "`false`",
            "whether the service sees the path without the route's `path`"},
    KeyInfo{"methods", both, Key::methods, KeyType::strings, none, "any",
            "which methods, in capitals"},
    KeyInfo{"headers", both, Key::headers, KeyType::table, none, "any",
            "which request headers: every one must have exactly this value"},
    KeyInfo{"service_when", both, Key::service_when, KeyType::table_or_tables, none, "none",
            "requests with a cookie, header or query parameter that go to another service"},
    KeyInfo{"host_header", both, Key::host_header, KeyType::string, forwarding,
            "`\"preserve\"` for loopback and sockets, `\"upstream\"` for any other `url`",
            "which Host the service sees: the client's, or its own", "preserve upstream"},
    KeyInfo{"timeout", both, Key::timeout, KeyType::duration, forwarding, "none",
            "how long to wait for the head of the response"},
    KeyInfo{"hold", both, Key::hold, KeyType::duration, forwarding, "`\"10s\"`",
            "how long requests wait for a service that just went away; `0` never waits"},
    KeyInfo{"listen", service, Key::tcp_listen, KeyType::integer, forwarding, "none",
            "a stable TCP port on loopback: its bytes go to wherever the service listens"},
    KeyInfo{"enabled", service, Key::enabled, KeyType::boolean, none, "`true`",
            "`false` removes the service and the routes that name it"},

    KeyInfo{"insecure", service, Key::insecure, KeyType::boolean, belongs, "`false`",
            "https url: `true` accepts any certificate of the service"},
    KeyInfo{"ca", service, Key::ca, KeyType::string, belongs, "the system's",
            "https url: a PEM file with the CAs that may sign for the service"},

    KeyInfo{"dir", service, Key::dir, KeyType::string, belongs, "the folder of the file",
            "command: the folder that it runs in"},
    KeyInfo{"env", service, Key::env, KeyType::table, belongs, "none",
            "command: variables of its environment"},
    KeyInfo{"env_file", service, Key::env_file, KeyType::one_or_more, belongs, "none",
            "command: files of variables, like `.env`; `env` wins over them"},
    KeyInfo{"depends_on", service, Key::depends_on, KeyType::strings, belongs, "none",
            "command: the services that must be ready before it starts"},
    KeyInfo{"ready", service, Key::ready, KeyType::table, belongs, "`{ port = true }`",
            "command: how to know that it answers"},
    KeyInfo{"restart", service, Key::restart, KeyType::string, belongs, "`\"on-failure\"`",
            "command: `\"on-failure\"`, `\"always\"` or `\"never\"`: whether it is started again "
            "when it ends",
            "on-failure always never"},
    KeyInfo{"stop_signal", service, Key::stop_signal, KeyType::string, belongs, "`\"SIGTERM\"`",
            "command: the signal that asks it to end"},
    KeyInfo{"stop_timeout", service, Key::stop_timeout, KeyType::duration, belongs, "`\"10s\"`",
            "command: how long it may take to end, before SIGKILL"},
    KeyInfo{"adapter", service, Key::adapter, KeyType::string, belongs, "`\"auto\"`",
            "command: `\"auto\"` adds the flags that a framework needs to use its port, `\"none\"` "
            "adds "
            "nothing",
            "auto none"},

    KeyInfo{"requires", root, Key::requires_version, KeyType::string, none, "any",
            "the versions of devproxy that this file is for, like `\">=0.1\"`"},
    KeyInfo{"name", root, Key::name, KeyType::string, none, "the folder's name, as a DNS label",
            "the project's label below `.localhost`"},
    KeyInfo{"worktree", root, Key::worktree, KeyType::string, none, "`\"flat\"`",
            "the hosts of further checkouts: `\"flat\"`: shop-fix-ui.localhost, `\"nested\"`: "
            "fix-ui.shop.localhost, `\"folder\"`, `\"off\"`",
            "flat nested folder off"},
    KeyInfo{"include", root, Key::include, KeyType::strings, none, "none",
            "files to read before this one; relative to it"},
    KeyInfo{"services", root, Key::services, KeyType::table, none, "none",
            "one table for each service: `[services.web]`"},
    KeyInfo{"routes", root, Key::routes, KeyType::tables, none, "none",
            "more routes to the services: `[[routes]]`"},
    KeyInfo{"proxy", root, Key::proxy, KeyType::table, none, "",
            "the proxy's own settings: `[proxy]`"},

    KeyInfo{"listen", proxy, Key::listen, KeyType::listen, none,
            "`[\"127.0.0.1:6289\", \"[::1]:6289\"]`", "the addresses that the proxy accepts on"},
    KeyInfo{"addr", listen, Key::addr, KeyType::string, none, "required",
            "the address of a `listen` entry that is a table"},
    KeyInfo{"only", listen, Key::only, KeyType::string, none, "both",
            "`\"tls\"` or `\"plain\"`: what a `listen` entry that is a table accepts", "tls plain"},
    KeyInfo{"https", proxy, Key::https, KeyType::string, none, "`\"on\"`",
            "`\"on\"`: HTTPS and HTTP; `\"off\"`: HTTP only; `\"redirect\"`: HTTP is sent to HTTPS "
            "(308)",
            "on off redirect"},
    KeyInfo{"domains", proxy, Key::domains, KeyType::strings, none, "`[\"localhost\", \"test\"]`",
            "the names that are ours, with all below them; the local CA may sign for no other"},
    KeyInfo{"dns", proxy, Key::dns, KeyType::integer, none, "none",
            "a port, like `15353`: DNS on loopback that sends `test` and all `domains` to this "
            "machine"},
    KeyInfo{"tls", has_tls, Key::tls, KeyType::table, none, "the local CA",
            "a certificate of your own: `{ cert = \"x.pem\", key = \"x-key.pem\" }`"},
    KeyInfo{"cert", tls, Key::cert, KeyType::string, none, "required",
            "PEM file: the certificate, then those between it and its CA"},
    KeyInfo{"key", tls, Key::key, KeyType::string, none, "required",
            "PEM file: the certificate's private key, without a password"},
    KeyInfo{"port", ready, Key::ready_port, KeyType::boolean, none, "`true`",
            "`true`: its port accepts connections; `false`: at once, it listens nowhere"},
    KeyInfo{"http", ready, Key::ready_http, KeyType::string, none, "none",
            "a path: a request for it is answered with a status below 500"},
    KeyInfo{"log", ready, Key::ready_log, KeyType::string, none, "none",
            "a text: it printed a line with it"},
    KeyInfo{"dir", follow, Key::follow_dir, KeyType::string, none, "any",
            "the folder that the process works in"},
    KeyInfo{"command", follow, Key::follow_command, KeyType::string, none, "any",
            "its command line or its program's name; `*` and `?` stand for anything"},
    KeyInfo{"pid_file", follow, Key::follow_pid_file, KeyType::string, none, "any",
            "a file with its pid"},
    KeyInfo{"container", follow, Key::follow_container, KeyType::string, none, "none",
            "the name or id of a container that publishes a port; alone, or with `port`"},
    KeyInfo{"port", follow, Key::follow_port, KeyType::integer, none, "any",
            "of several ports this one; of a container its own port, inside"},
    KeyInfo{"cookie", when, Key::when_cookie, KeyType::string, none, "none",
            "`\"branch=next\"`: the cookie `branch` is `next`; `\"branch\"`: there is one"},
    KeyInfo{"header", when, Key::when_header, KeyType::string, none, "none",
            "the same of a request header: `\"x-branch=next\"`"},
    KeyInfo{"query", when, Key::when_query, KeyType::string, none, "none",
            "the same of a parameter of the URL's query: `\"branch=next\"`"},
    KeyInfo{"remove_hsts", proxy, Key::remove_hsts, KeyType::boolean, none, "`true`",
            "whether Strict-Transport-Security and Alt-Svc of services are removed"},
    KeyInfo{"log", proxy, Key::log, KeyType::string, none, "`\"info\"`",
            "`\"debug\"`, `\"info\"`, `\"warn\"`, `\"error\"` or `\"off\"`",
            "debug info warn error off"},
    KeyInfo{
        "access_log", proxy, Key::access_log, KeyType::boolean_or_full, none, "`true`",
        "one line for each request: `true` without the query, `\"full\"` with it, `false` none"},
    KeyInfo{"expose", proxy, Key::expose, KeyType::boolean, none, "`false`",
            "`true` permits listeners that other machines can reach"},
    KeyInfo{"trusted_proxies", proxy, Key::trusted_proxies, KeyType::strings, none, "none",
            "addresses or CIDR blocks whose X-Forwarded-* fields are kept and extended"},

    // Named by the contract, not built in this version.
    KeyInfo{"root", service, Key::none, KeyType::string, kind, "", serve_it},
    KeyInfo{"respond", service, Key::none, KeyType::table, kind, "", serve_it},
    KeyInfo{"spa", service, Key::none, KeyType::boolean, belongs, "", serve_it},
    KeyInfo{"workers", proxy, Key::none, KeyType::integer, none, "",
            "take the key out: this version has one worker"},
    KeyInfo{"request_headers", both, Key::none, KeyType::table, none, "", leave_out},
    KeyInfo{"response_headers", both, Key::none, KeyType::table, none, "", leave_out},
    KeyInfo{"cors", both, Key::none, KeyType::boolean, none, "", leave_out},
    KeyInfo{"rewrite", both, Key::none, KeyType::table, none, "",
            "use strip_prefix where it is enough, or a newer devproxy"},
    KeyInfo{"fault", both, Key::none, KeyType::table, none, "", leave_out},
};

std::string_view where_it_belongs(const KeyInfo& key) {
  if (key.stands_in(Place::service)) return "in a service: [services.NAME]";
  if (key.stands_in(Place::route)) return "in a route: [[routes]]";
  if (key.stands_in(Place::proxy)) return "in [proxy]";
  if (key.stands_in(Place::root)) return "at the top of the file, before any [table]";
  if (key.stands_in(Place::listen)) return "in an entry of listen: { addr = \"…\" }";
  if (key.stands_in(Place::follow)) return "in follow = { dir = \"…\" }";
  if (key.stands_in(Place::ready)) return "in ready = { http = \"/\" }";
  if (key.stands_in(Place::when)) return "in service_when = { cookie = \"…\", service = \"…\" }";
  return "in tls = { cert = \"…\", key = \"…\" }";
}

}  // namespace

std::span<const KeyInfo> all_keys() {
  return table;
}

const KeyInfo* find_key(Place place, std::string_view name) {
  const auto* const found = std::find_if(table.begin(), table.end(), [&](const KeyInfo& key) {
    return key.name == name && key.stands_in(place);
  });
  return found == table.end() ? nullptr : found;
}

const KeyInfo& info_of(Key key) {
  const auto* const found = std::find_if(table.begin(), table.end(),
                                         [&](const KeyInfo& info) { return info.key == key; });
  assert(found != table.end() && "every built key has its row");
  return *found;
}

std::string_view describe(KeyType type) {
  switch (type) {
    case KeyType::string:
      return "a string";
    case KeyType::strings:
      return "a list of strings";
    case KeyType::one_or_more:
      return "a string or a list of strings";
    case KeyType::integer:
      return "an integer";
    case KeyType::boolean:
      return "true or false";
    case KeyType::duration:
      return "a duration like \"10s\"";
    case KeyType::table:
      return "a table";
    case KeyType::tables:
      return "a list of tables";
    case KeyType::table_or_tables:
      return "a table or a list of tables";
    case KeyType::listen:
      return "an address, a table with addr, or a list of those";
    case KeyType::boolean_or_full:
      return "true, false or \"full\"";
  }
  return "";
}

const KeyInfo* nearest_key(Place place, std::string_view name) {
  std::vector<std::string_view> here;
  for (const KeyInfo& key : table) {
    if (key.stands_in(place)) here.push_back(key.name);
  }
  const auto near = nearest(name, here);
  return near ? find_key(place, *near) : nullptr;
}

std::string hint_for_unknown(Place place, std::string_view name) {
  if (const KeyInfo* const near = nearest_key(place, name)) {
    return "did you mean \"" + std::string(near->name) + "\"?";
  }
  const std::string folded = lower(name);
  std::string elsewhere;
  for (const KeyInfo& key : table) {
    // The inside of ready, follow and service_when is only meant when nothing else is.
    const bool is_inside =
        key.stands_in(Place::ready) || key.stands_in(Place::follow) || key.places == when;
    if (key.name != folded || (is_inside && !elsewhere.empty())) continue;
    elsewhere += elsewhere.empty() ? "it belongs " : ", or ";
    elsewhere += where_it_belongs(key);
  }
  if (!elsewhere.empty()) return elsewhere;
  std::string hint = "known here: ";
  bool first = true;
  for (const KeyInfo& key : table) {
    if (!key.stands_in(place) || key.key == Key::none) continue;
    if (!first) hint += ", ";
    hint += key.name;
    first = false;
  }
  return hint;
}

}  // namespace devproxy
