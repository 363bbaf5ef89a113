#include "cli/attach/not_listening.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/port_owner.h"
#include "cli/project/url_table.h"
#include "cli/terminal/environment.h"
#include "cli/terminal/process_words.h"

namespace devproxy {
namespace {

struct Cause {
  std::string words;
  std::vector<std::string> addresses;
  std::string next;
};

Cause cause_of(const NotListening& missing) {
  const std::string address = address_text({missing.host, missing.port});
  if (missing.why == Code::denied)
    return {"needs a permission that devproxy setup gets", {address}, ""};
  if (missing.why != Code::taken) return {"cannot be had", {address}, ""};
  const auto owner = port_owner(missing.host, missing.port);
  if (!owner) return {"is taken", {address}, ""};
  return {"is taken by " + whole_text(*owner, environment("HOME").value_or(""),
                                      std::chrono::system_clock::now()),
          {address},
          way_to_stop(*owner, missing.port)};
}

}  // namespace

std::string not_listening_text(const std::vector<NotListening>& missing) {
  std::vector<Cause> causes;
  for (const NotListening& each : missing) {
    Cause cause = cause_of(each);
    const bool is_known = !causes.empty() && causes.back().words == cause.words;
    if (is_known) {
      causes.back().addresses.push_back(cause.addresses.front());
    } else {
      causes.push_back(std::move(cause));
    }
  }
  std::string text;
  for (const Cause& cause : causes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", fmt::join(cause.addresses, ", "),
                        cause.words);
    if (!cause.next.empty()) text += ": " + cause.next;
  }
  return text;
}

}  // namespace devproxy
