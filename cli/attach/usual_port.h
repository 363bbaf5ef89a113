// The port of the proxy where no file asks for another: 6289, or the next of 6290 to 6299 when the
// devproxy of another user of this machine holds that. Remembered in the state folder, so that URLs
// stay. Reads files and asks the system; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/config.h"

namespace devproxy {

/// As it is remembered.
std::uint16_t usual_port_of(const std::string& state_dir);
void remember_usual_port(const std::string& state_dir, std::uint16_t port);

/// Whether it stands for "where nobody chose another".
bool is_usual(const ListenAddress& listen);
/// Nothing: none of them is another one than `port`.
std::optional<Config> with_usual_port(const Config& config, std::uint16_t port);

struct OtherUser {
  std::string name;        ///< who holds it: "maria"
  std::uint16_t port = 0;  ///< that is free instead
};
/// Nothing: whoever holds the usual port of `config` is no devproxy of another user.
std::optional<OtherUser> usual_port_of_another(const Config& config);

}  // namespace devproxy
