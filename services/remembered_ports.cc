#include "services/remembered_ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"
#include "services/assigned_port.h"

namespace devproxy {

RememberedPorts RememberedPorts::read(const std::string& state_folder) {
  const auto text = read_file(path(state_folder));
  return text ? parse(*text) : RememberedPorts{};
}

RememberedPorts RememberedPorts::parse(std::string_view text) {
  RememberedPorts list;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) continue;
    const auto port = parse_number(line.substr(0, first));
    if (!port || *port > 65535 || !assigned_ports.contains(static_cast<std::uint16_t>(*port)))
      continue;
    list.entries_.push_back({static_cast<std::uint16_t>(*port),
                             std::string(line.substr(first + 1, second - first - 1)),
                             std::string(line.substr(second + 1))});
  }
  return list;
}

std::optional<std::uint16_t> RememberedPorts::find(std::string_view root,
                                                   std::string_view service) const {
  // A folder may have any byte in its name, a line of the list may not.
  const std::string written = escape(root);
  for (const Entry& entry : entries_) {
    if (entry.service == service && entry.root == written) return entry.port;
  }
  return std::nullopt;
}

bool RememberedPorts::knows(std::uint16_t port) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [port](const Entry& entry) { return entry.port == port; });
}

void RememberedPorts::add(std::uint16_t port, std::string_view root, std::string_view service) {
  entries_.push_back({port, std::string(service), escape(root)});
}

std::size_t RememberedPorts::forget_missing_folders() {
  return std::erase_if(entries_, [](const Entry& entry) {
    if (entry.root.find('\\') != std::string::npos) return false;
    std::error_code failed;
    const bool there = std::filesystem::exists(entry.root, failed);
    return !there && !failed;
  });
}

std::string RememberedPorts::text() const {
  std::string text =
      "# The ports that devproxy gave to services: port, service, project's folder.\n";
  for (const Entry& entry : entries_)
    text += fmt::format("{} {} {}\n", entry.port, entry.service, entry.root);
  return text;
}

Result<void> RememberedPorts::write(const std::string& state_folder) const {
  if (auto made = make_private_dir(state_folder); !made) return made;
  return write_atomically(path(state_folder), text(), 0600);
}

}  // namespace devproxy
