// Processes in words, for tables and messages: command line, folder, age, what keeps it running and
// how to end it. Everything that came from the process is escaped here. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/port_owner.h"
#include "base/process_facts.h"

namespace devproxy {

/// "node vite --port 5173": the words of its command line, without the folder of the program.
std::string command_text(const ProcessFacts& process);
/// "nginx.service", "user unit api.service", "docker container 0123456789ab"; empty: none.
std::string keeper_text(const ProcessKeeper& keeper);
/// "45s", "12m", "3h", "9d".
std::string age_text(std::chrono::system_clock::duration age);
/// Escaped, with ~ for the home folder; "-" when it is not known.
std::string short_path(std::string_view path, std::string_view home);
/// "another user (uid 33)", or what it means that not even the own one is visible.
std::string hidden_owner_text(uid_t uid);

/// "nginx: node vite (pid 4312, nginx.service, in ~/shop, for 3h)", for errors.
std::string whole_text(const PortOwner& owner, std::string_view home,
                       std::chrono::system_clock::time_point now);
/// "stop it (kill 4312)", "stop it (systemctl --user stop api.service)"; whatever fits.
std::string way_to_stop(const PortOwner& owner, std::uint16_t port);

/// At most `width` bytes, the missing end or the missing beginning shown as "...".
std::string cut_end(const std::string& text, std::size_t width);
std::string cut_beginning(const std::string& text, std::size_t width);

}  // namespace devproxy
