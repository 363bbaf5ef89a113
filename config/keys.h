// The one table of configuration keys: what may stand where, of which type, since when. The parser,
// the hints for unknown keys and the test of docs/config.md all read it. Constant data; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace devproxy {

/// Where a key may stand.
enum class Place : std::uint16_t {
  root = 1,
  service = 2,
  route = 4,
  proxy = 8,
  listen = 16,
  tls = 32,
  ready = 64,
  follow = 128,
  when = 256
};

/// The keys that this version builds.
enum class Key : std::uint8_t {
  none,
  requires_version,
  name,
  include,
  services,
  routes,
  proxy,
  worktree,
  host,
  path,
  port,
  url,
  redirect,
  service,
  methods,
  headers,
  service_when,
  when_cookie,
  when_header,
  when_query,
  strip_prefix,
  host_header,
  timeout,
  hold,
  tcp_listen,
  enabled,
  listen,
  addr,
  log,
  access_log,
  expose,
  trusted_proxies,
  https,
  domains,
  dns,
  remove_hsts,
  only,
  tls,
  cert,
  key,
  insecure,
  ca,
  command,
  dir,
  env,
  env_file,
  depends_on,
  ready,
  ready_http,
  ready_port,
  ready_log,
  restart,
  stop_signal,
  stop_timeout,
  adapter,
  follow,
  follow_dir,
  follow_command,
  follow_pid_file,
  follow_container,
  follow_port,
};
inline constexpr std::size_t key_count = static_cast<std::size_t>(Key::follow_port) + 1;

enum class KeyType : std::uint8_t {
  string,
  strings,      ///< a list of strings
  one_or_more,  ///< a string or a list of strings
  integer,
  boolean,
  duration,  ///< "250ms", or the integer 0
  table,
  tables,           ///< a list of tables
  table_or_tables,  ///< a table or a list of tables
  listen,           ///< a string, a table, or a list of those
  boolean_or_full,  ///< true, false or "full"
};

/// What a service's key is to its kind (port, url, …).
enum class KindRole : std::uint8_t {
  none,
  kind,        ///< it is one of the kinds
  belongs,     ///< goes away together with the kind when a higher layer sets another
  forwarding,  ///< without meaning where nothing is forwarded (redirect)
};

struct KeyInfo {
  std::string_view name;
  std::uint16_t places;  ///< set of Place
  Key key;               ///< none: in the contract, not built in this version
  KeyType type;
  KindRole role;
  std::string_view fallback;  ///< the default, in words, as docs/config.md prints it
  std::string_view meaning;   ///< one line; for a key that is not built: what to do instead
  /// The words that a string may be, separated by single spaces; empty: any text.
  std::string_view choices = {};

  bool stands_in(Place place) const { return (places & static_cast<std::uint16_t>(place)) != 0; }
};

/// Of the keys that are built; the same for all so far.
inline constexpr std::string_view keys_since = "0.1";

std::span<const KeyInfo> all_keys();
const KeyInfo* find_key(Place place, std::string_view name);
/// The entry of a built key.
const KeyInfo& info_of(Key key);

/// What a message expects: "a string", "true or false", "a duration like \"10s\"".
std::string_view describe(KeyType type);
/// The key of `place` that an unknown one is probably meant to be; null when none is near.
const KeyInfo* nearest_key(Place place, std::string_view name);
/// The hint for a key that is not known in `place`.
std::string hint_for_unknown(Place place, std::string_view name);

}  // namespace devproxy
