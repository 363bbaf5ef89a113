#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "config/build.h"

namespace devproxy {
namespace {

class ProxyBuilder {
 public:
  ProxyBuilder(Reader& reader, FileKeys& files, const Sources& sources, Report& report,
               Draft& draft)
      : reader_(reader), files_(files), sources_(sources), report_(report), draft_(draft) {}

  void build(const Member* proxy) {
    const Fields fields =
        proxy == nullptr ? Fields() : reader_.fields(proxy->value, Place::proxy, "");
    set_log(fields[Key::log]);
    set_access_log(fields[Key::access_log]);
    settings().expose = reader_.boolean(fields[Key::expose]).value_or(false);
    settings().remove_hsts = reader_.boolean(fields[Key::remove_hsts]).value_or(true);
    settings().tls = files_.certificate(fields[Key::tls]);
    set_https(fields[Key::https]);
    set_domains(fields[Key::domains]);
    set_dns(fields[Key::dns]);
    set_listen(fields[Key::listen]);
    check_redirect();
    set_trusted(fields[Key::trusted_proxies]);
  }

 private:
  ProxySettings& settings() { return draft_.config.proxy; }

  void set_log(const Member* member) {
    static constexpr std::array<std::pair<std::string_view, LogSetting>, 5> levels = {{
        {"debug", LogSetting::debug},
        {"info", LogSetting::info},
        {"warn", LogSetting::warn},
        {"error", LogSetting::error},
        {"off", LogSetting::off},
    }};
    const auto text = reader_.text(member);
    if (!text) return;
    for (const auto& [name, level] : levels) {
      if (name != text->value) continue;
      settings().log = level;
      return;
    }
    report_.add("config.value", text->where, "log: unknown level " + in_quotes(text->value),
                "write \"debug\", \"info\", \"warn\", \"error\" or \"off\"");
  }

  void set_access_log(const Member* member) {
    if (member == nullptr) return;
    if (member->value.kind == NodeKind::boolean) {
      settings().access_log = member->value.number != 0 ? AccessLogMode::path : AccessLogMode::off;
      return;
    }
    const auto text = reader_.text(member);
    if (!text) return;
    if (text->value == "full") {
      settings().access_log = AccessLogMode::full;
    } else if (text->expanded && (text->value == "true" || text->value == "false")) {
      settings().access_log = text->value == "true" ? AccessLogMode::path : AccessLogMode::off;
    } else {
      report_.add("config.value", text->where,
                  "access_log: expected true, false or \"full\", found " + in_quotes(text->value),
                  "\"full\" logs the query too");
    }
  }

  void set_https(const Member* member) {
    const auto text = reader_.text(member);
    if (!text) return;
    https_at_ = text->where;
    if (text->value == "off") {
      settings().https = HttpsMode::off;
    } else if (text->value == "redirect") {
      settings().https = HttpsMode::redirect;
    } else if (text->value != "on") {
      report_.add(
          "config.value", text->where,
          "https: expected \"on\", \"off\" or \"redirect\", found " + in_quotes(text->value),
          "\"on\" serves HTTPS and HTTP, \"redirect\" sends HTTP to HTTPS");
    }
  }

  void set_domains(const Member* member) {
    if (member == nullptr) return;
    std::vector<std::string> domains;
    for (const Text& text : reader_.texts(member)) {
      auto domain = reader_.accept(parse_domain(text.value), text.where);
      if (!domain) continue;
      if (std::find(domains.begin(), domains.end(), *domain) != domains.end()) {
        report_.add("config.duplicate", text.where, in_quotes(*domain) + " stands twice in domains",
                    "take one out");
      } else {
        domains.push_back(std::move(*domain));
      }
    }
    settings().domains = std::move(domains);
  }

  void set_dns(const Member* member) {
    const auto port = reader_.integer(member);
    if (!port) return;
    // Below, a server of the system has it, or only root may.
    if (*port < 1024 || *port > 65535) {
      report_.add("config.value", member->value.where,
                  "dns: " + std::to_string(*port) + " is not a port that devproxy can have",
                  "write one from 1024 to 65535, like dns = 15353; 53 belongs to the system's own "
                  "resolver, which asks this one (devproxy hosts print --dns)");
      return;
    }
    settings().dns = static_cast<std::uint16_t>(*port);
  }

  void set_listen(const Member* member) {
    if (member == nullptr) {
      settings().listen = default_listeners();
      draft_.listen_at.resize(settings().listen.size());
      return;
    }
    const Node& value = member->value;
    if (value.kind != NodeKind::array) return add_entry(*member);
    if (value.members.empty()) {
      report_.add("config.value", value.where, "listen is an empty list",
                  "leave the key out for its default");
    }
    for (const Member& item : value.members) add_entry(item);
  }

  void add_entry(const Member& item) {
    Fields fields;
    std::optional<Text> text;
    if (item.value.kind == NodeKind::table) {
      fields = reader_.fields(item.value, Place::listen, "");
      if (item.value.find("addr") == nullptr) {
        report_.add("config.value", item.value.where, "this entry of listen has no addr",
                    "write { addr = \"127.0.0.1:6289\" }");
      }
      text = reader_.text(fields[Key::addr]);
    } else {
      text = reader_.text(&item);
    }
    const ListenOnly only = read_only(fields[Key::only]);
    auto certificate = files_.certificate(fields[Key::tls]);
    if (only == ListenOnly::plain && fields[Key::tls] != nullptr) {
      report_.add("config.value", fields[Key::tls]->where,
                  "tls has no meaning here: this entry is only = \"plain\"",
                  "take one of them out");
    }
    if (!text) return;
    auto address = reader_.accept(parse_listen(text->value), text->where);
    if (!address) return;
    check_exposed(*address, text->where);
    check_again(*address, text->where);
    address->only = only;
    address->tls = std::move(certificate);
    address->at = sources_.position(text->where.spot);
    settings().listen.push_back(std::move(*address));
    draft_.listen_at.push_back(text->where);
  }

  ListenOnly read_only(const Member* member) {
    const auto text = reader_.text(member);
    if (!text) return ListenOnly::any;
    if (text->value == "plain") return ListenOnly::plain;
    if (text->value != "tls") {
      report_.add("config.value", text->where,
                  "only: expected \"tls\" or \"plain\", found " + in_quotes(text->value),
                  "leave it out to accept both");
      return ListenOnly::any;
    }
    if (settings().https == HttpsMode::off) {
      report_.add("config.conflict", text->where,
                  "only = \"tls\" leaves nobody to serve: https is \"off\" (" +
                      sources_.place(https_at_.spot) + ")",
                  "take one of them out");
    }
    return ListenOnly::tls;
  }

  void check_redirect() {
    const auto& listen = settings().listen;
    const bool nowhere = !listen.empty() && std::all_of(listen.begin(), listen.end(),
                                                        [](const ListenAddress& address) {
                                                          return address.only == ListenOnly::plain;
                                                        });
    if (settings().https != HttpsMode::redirect || !nowhere) return;
    report_.add("config.conflict", https_at_,
                "https = \"redirect\" leads nowhere: every listener is only = \"plain\" (" +
                    sources_.place(draft_.listen_at.front().spot) + ")",
                "add a listener for TLS, or write https = \"off\"");
  }

  void check_exposed(const ListenAddress& address, Where where) {
    if (settings().expose || is_loopback(address.host)) return;
    report_.add("config.expose", where, "other machines could reach " + printed(address),
                "listen on 127.0.0.1 or [::1], or say that you want it: expose = true in [proxy]");
  }

  // Two listeners on one port, of which one is the other or covers it: the second bind would fail.
  void check_again(const ListenAddress& address, Where where) {
    if (address.port == 0) return;
    const auto& listen = settings().listen;
    for (std::size_t i = 0; i < listen.size(); ++i) {
      const ListenAddress& other = listen[i];
      if (other.port != address.port || is_ipv6(other.host) != is_ipv6(address.host)) continue;
      const std::string place = " (" + sources_.place(draft_.listen_at[i].spot) + ")";
      if (other.host == address.host) {
        report_.add("config.duplicate", where, printed(address) + " stands twice in listen" + place,
                    "take one out");
      } else if (is_any(other.host) || is_any(address.host)) {
        report_.add("config.conflict", where,
                    printed(address) + " and " + printed(other) + place + " overlap",
                    "keep the one that you mean");
      }
    }
  }

  static std::string printed(const ListenAddress& address) {
    const std::string host = is_ipv6(address.host) ? "[" + address.host + "]" : address.host;
    return host + ":" + std::to_string(address.port);
  }

  void set_trusted(const Member* member) {
    std::unordered_set<std::string> seen;
    for (const Text& text : reader_.texts(member)) {
      const auto network = reader_.accept(parse_network(text.value), text.where);
      if (!network) continue;
      if (seen.insert(*network).second) {
        settings().trusted_proxies.push_back(*network);
      } else {
        report_.add("config.duplicate", text.where,
                    in_quotes(*network) + " stands twice in trusted_proxies", "take one out");
      }
    }
  }

  Reader& reader_;
  FileKeys& files_;
  const Sources& sources_;
  Report& report_;
  Draft& draft_;
  Where https_at_;  ///< meaningful when the file says https
};

}  // namespace

void build_proxy(const Member* proxy, Reader& reader, FileKeys& files, const Sources& sources,
                 Report& report, Draft& draft) {
  ProxyBuilder(reader, files, sources, report, draft).build(proxy);
}

}  // namespace devproxy
