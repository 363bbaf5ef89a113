#include "cli/project/low_ports.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::array ways{LowPortsWay::bind, LowPortsWay::sysctl, LowPortsWay::socket_unit,
                          LowPortsWay::launch_agent};

std::string note_path(const std::string& state) {
  return state + "/low-ports";
}

ListenAddress default_address(std::string host, std::uint16_t port) {
  ListenAddress address;
  address.host = std::move(host);
  address.port = port;
  address.is_default = true;
  return address;
}

/// Where systemd or launchd listens, there is nothing to bind.
bool is_ours_to_bind(LowPortsWay way) {
  return way == LowPortsWay::bind || way == LowPortsWay::sysctl;
}

}  // namespace

const char* word_for(LowPortsWay way) {
  switch (way) {
    case LowPortsWay::bind:
      return "bind";
    case LowPortsWay::sysctl:
      return "sysctl";
    case LowPortsWay::socket_unit:
      return "socket_unit";
    case LowPortsWay::launch_agent:
      return "launch_agent";
  }
  return "";
}

std::optional<LowPorts> remembered_low_ports(const std::string& state) {
  const auto text = read_file(note_path(state));
  if (!text) return std::nullopt;
  LowPorts ports;
  for (const std::string_view line : split(*text, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, space);
    const std::string_view value = line.substr(space + 1);
    if (name == "way") {
      for (const LowPortsWay way : ways) {
        if (value == word_for(way)) ports.way = way;
      }
    } else if (name == "before") {
      const auto number = parse_number(value);
      if (number && *number <= 65'535) ports.first_before = static_cast<std::uint16_t>(*number);
    } else if (name == "file") {
      ports.files.emplace_back(value);
    }
  }
  return ports;
}

Result<void> remember_low_ports(const std::string& state, const LowPorts& ports) {
  if (auto made = make_private_dir(state); !made) return made;
  std::string text = fmt::format("way {}\nbefore {}\n", word_for(ports.way), ports.first_before);
  for (const std::string& file : ports.files) text += fmt::format("file {}\n", file);
  return write_atomically(note_path(state), text, 0600);
}

void forget_low_ports(const std::string& state) {
  std::error_code not_there;
  std::filesystem::remove(note_path(state), not_there);
}

std::vector<ListenAddress> low_listeners() {
  std::vector<ListenAddress> listeners;
  for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{443}}) {
    for (const char* const host : {"127.0.0.1", "::1"}) {
      ListenAddress address = default_address(host, port);
      address.is_extra = true;
      listeners.push_back(std::move(address));
    }
  }
  return listeners;
}

void add_more_listeners(LoadRequest& request, std::vector<InheritedSocket> inherited) {
  request.more_listeners = [inherited = std::move(inherited)] {
    std::vector<ListenAddress> listeners;
    for (const InheritedSocket& socket : inherited)
      listeners.push_back(default_address(socket.host, socket.port));
    const auto dirs = find_dirs();
    const auto ports = dirs ? remembered_low_ports(dirs->state) : std::nullopt;
    if (!ports || !is_ours_to_bind(ports->way)) return listeners;
    for (ListenAddress& address : low_listeners()) listeners.push_back(std::move(address));
    return listeners;
  };
}

}  // namespace devproxy
