// RememberedPorts is the list of ports that services were given, one line each: port, service,
// folder of the project. Kept in the state folder as text that a person can read and edit. Values;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

class RememberedPorts final {
 public:
  static std::string path(const std::string& state_folder) { return state_folder + "/ports"; }

  /// Empty when there is no list yet; lines that cannot be read are left out.
  static RememberedPorts read(const std::string& state_folder);
  static RememberedPorts parse(std::string_view text);

  std::optional<std::uint16_t> find(std::string_view root, std::string_view service) const;
  /// Whether it belongs to anybody.
  bool knows(std::uint16_t port) const;
  void add(std::uint16_t port, std::string_view root, std::string_view service);
  /// Takes out what belongs to folders that are gone; how many there were.
  std::size_t forget_missing_folders();

  std::string text() const;
  Result<void> write(const std::string& state_folder) const;

 private:
  struct Entry {
    std::uint16_t port = 0;
    std::string service;
    std::string root;
  };
  std::vector<Entry> entries_;
};

}  // namespace devproxy
