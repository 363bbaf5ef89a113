#include <array>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "config/build.h"

namespace devproxy {
namespace {

constexpr std::uint16_t default_port = 6289;

class ProxyBuilder {
 public:
  ProxyBuilder(Reader& reader, const Sources& sources, Report& report, Draft& draft)
      : reader_(reader), sources_(sources), report_(report), draft_(draft) {}

  void build(const Member* proxy) {
    const Fields fields =
        proxy == nullptr ? Fields() : reader_.fields(proxy->value, Place::proxy, "");
    set_log(fields[Key::log]);
    set_access_log(fields[Key::access_log]);
    settings().expose = reader_.boolean(fields[Key::expose]).value_or(false);
    set_listen(fields[Key::listen]);
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

  void set_listen(const Member* member) {
    if (member == nullptr) {
      for (const char* const host : {"127.0.0.1", "::1"}) {
        settings().listen.push_back(ListenAddress{host, default_port, true, {}});
        draft_.listen_at.push_back({});
      }
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
    std::optional<Text> text;
    if (item.value.kind == NodeKind::table) {
      const Fields fields = reader_.fields(item.value, Place::listen, "");
      if (item.value.find("addr") == nullptr) {
        report_.add("config.value", item.value.where, "this entry of listen has no addr",
                    "write { addr = \"127.0.0.1:6289\" }");
      }
      text = reader_.text(fields[Key::addr]);
    } else {
      text = reader_.text(&item);
    }
    if (!text) return;
    auto address = reader_.accept(parse_listen(text->value), text->where);
    if (!address) return;
    check_exposed(*address, text->where);
    check_again(*address, text->where);
    address->at = sources_.position(text->where.spot);
    settings().listen.push_back(std::move(*address));
    draft_.listen_at.push_back(text->where);
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
  const Sources& sources_;
  Report& report_;
  Draft& draft_;
};

}  // namespace

void build_proxy(const Member* proxy, Reader& reader, const Sources& sources, Report& report,
                 Draft& draft) {
  ProxyBuilder(reader, sources, report, draft).build(proxy);
}

}  // namespace devproxy
