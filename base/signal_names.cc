#include "base/signal_names.h"

#include <fmt/format.h>

#include <array>
#include <csignal>

#include "base/text.h"

namespace devproxy {
namespace {

struct Known {
  int number;
  std::string_view name;
};

constexpr std::array<Known, 15> known{{{SIGTERM, "TERM"},
                                       {SIGINT, "INT"},
                                       {SIGHUP, "HUP"},
                                       {SIGQUIT, "QUIT"},
                                       {SIGKILL, "KILL"},
                                       {SIGUSR1, "USR1"},
                                       {SIGUSR2, "USR2"},
                                       {SIGABRT, "ABRT"},
                                       {SIGSEGV, "SEGV"},
                                       {SIGBUS, "BUS"},
                                       {SIGFPE, "FPE"},
                                       {SIGILL, "ILL"},
                                       {SIGPIPE, "PIPE"},
                                       {SIGALRM, "ALRM"},
                                       {SIGTRAP, "TRAP"}}};

}  // namespace

std::string signal_name(int number) {
  for (const Known& entry : known) {
    if (entry.number == number) return fmt::format("SIG{}", entry.name);
  }
  return fmt::format("signal {}", number);
}

std::optional<int> signal_number(std::string_view name) {
  if (name.size() > 3 && iequals(name.substr(0, 3), "SIG")) name.remove_prefix(3);
  for (const Known& entry : known) {
    if (iequals(entry.name, name)) return entry.number;
  }
  return std::nullopt;
}

}  // namespace devproxy
