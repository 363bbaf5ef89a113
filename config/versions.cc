#include "config/versions.h"

#include <array>
#include <cstdint>
#include <optional>

#include "base/text.h"
#include "base/version.h"

namespace devproxy {
namespace {

using Numbers = std::array<std::uint64_t, 3>;

std::optional<Numbers> parse_version(std::string_view text) {
  Numbers numbers{};
  std::size_t count = 0;
  for (const std::string_view part : split(text, '.')) {
    const auto number = parse_number(part);
    if (!number || count == numbers.size()) return std::nullopt;
    numbers[count++] = *number;
  }
  return numbers;
}

bool holds(const Numbers& ours, std::string_view comparison, const Numbers& theirs) {
  if (comparison == ">=") return ours >= theirs;
  if (comparison == ">") return ours > theirs;
  if (comparison == "<=") return ours <= theirs;
  if (comparison == "<") return ours < theirs;
  return ours == theirs;
}

}  // namespace

std::string this_version() {
  const std::string_view whole = program_version;
  return std::string(whole.substr(0, whole.rfind('.')));
}

bool is_newer(std::string_view version, std::string_view than) {
  const auto one = parse_version(version);
  const auto other = parse_version(than);
  return one && other && *one > *other;
}

Valued<bool> satisfies(std::string_view ours, std::string_view requirement) {
  const auto numbers = parse_version(ours);
  bool all = numbers.has_value();
  for (const std::string_view part : split(requirement, ',')) {
    const std::string_view text = trim(part);
    const std::size_t digits = text.find_first_of("0123456789");
    const std::string_view comparison = trim(text.substr(0, digits));
    const bool known = comparison == ">=" || comparison == ">" || comparison == "<=" ||
                       comparison == "<" || comparison == "=";
    const auto theirs =
        digits == std::string_view::npos ? std::nullopt : parse_version(text.substr(digits));
    if (!known || !theirs) {
      return tl::unexpected(Complaint{in_quotes(requirement) + " is not a requirement",
                                      "write one like \">=0.1\" or \">=0.1, <0.4\""});
    }
    all = all && holds(*numbers, comparison, *theirs);
  }
  return all;
}

}  // namespace devproxy
