#include "tests/support/proxy_process.h"

#include <signal.h>

#include "base/json.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

/// The event of a line of `serve --json`; discarded when it is something else.
Json event_of(const std::string& line) {
  Json value = parse_json(line);
  return value.is_object() && value.value("schema", "") == "devproxy.event/v1"
             ? value
             : Json(Json::value_t::discarded);
}

bool is_event(const std::string& line, std::string_view name) {
  const Json event = event_of(line);
  return event.is_object() && event.value("event", "") == name;
}

bool is_reload(const std::string& line, bool ok) {
  return is_event(line, "reload") && event_of(line).value("ok", !ok) == ok;
}

}  // namespace

ProxyProcess::ProxyProcess(std::string program, std::string_view routes, Options options)
    : options_(std::move(options)) {
  Command command;
  command.arguments = {std::move(program), "serve", "--json", "-c",
                       folder_.write("devproxy.toml", config_text(routes))};
  command.folder = folder_.path();
  command.environment = options_.environment;
  for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"}) {
    command.environment.emplace_back(name, folder_.path());
  }
  command.descriptors = options_.descriptors;
  process_ = std::make_unique<Process>(command);
  read_ports(
      process_->wait_for_line([](const std::string& line) { return is_event(line, "listening"); }));
}

void ProxyProcess::read_ports(const std::string& line) {
  listeners_.clear();
  const Json event = event_of(line);
  for (const Json& listener : event["listeners"]) {
    const auto address = listener.get<std::string>();  // "127.0.0.1:6289", "[::1]:6289"
    const std::size_t colon = address.rfind(':');
    const bool bracketed = address.front() == '[';
    listeners_.emplace_back(bracketed ? address.substr(1, colon - 2) : address.substr(0, colon),
                            static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1))));
  }
}

std::string ProxyProcess::config_text(std::string_view routes) const {
  std::string text =
      "name = \"t\"\n" + std::string(routes) + "\n[proxy]\nlisten = [\"127.0.0.1:0\"";
  if (options_.ipv6) text += ", \"[::1]:0\"";
  for (const std::string& listen : options_.listen) text += ", \"" + listen + "\"";
  text += std::string("]\naccess_log = ") + (options_.access_log ? "true" : "false") + "\n";
  return text + options_.proxy_keys + "\n";
}

std::uint16_t ProxyProcess::port_of(Family family) const {
  for (const auto& [host, port] : listeners_) {
    if (host == loopback(family)) return port;
  }
  give_up("the proxy does not listen on " + loopback(family));
}

TextMessage ProxyProcess::ask(std::string_view request) const {
  return RawClient(port()).ask(request);
}

void ProxyProcess::reload(std::string_view routes) {
  reload(routes, options_);
}

void ProxyProcess::reload(std::string_view routes, Options options) {
  options_ = std::move(options);
  const std::size_t from = mark();
  write_config(config_text(routes));
  wait_for_reload(from);
}

void ProxyProcess::write_config(std::string_view text) {
  folder_.replace("devproxy.toml", text);
}

std::string ProxyProcess::wait_for_reload(std::size_t from) {
  return process_->wait_for_line([](const std::string& line) { return is_event(line, "reload"); },
                                 from);
}

std::string ProxyProcess::wait_for_refused_reload(std::size_t from) {
  return process_->wait_for_line([](const std::string& line) { return is_reload(line, false); },
                                 from);
}

Exit ProxyProcess::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

}  // namespace devproxy
