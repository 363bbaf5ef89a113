#include <array>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {

Valued<Milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t milliseconds;
  };
  static constexpr std::array<Unit, 4> units = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000},
                                                Unit{"h", 3'600'000}};
  static constexpr std::uint64_t day = 24 * units[3].milliseconds;

  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto number = parse_number(text.substr(0, digits));
  const std::string_view name =
      digits == std::string_view::npos ? std::string_view() : text.substr(digits);
  if (number && name.empty()) {
    if (*number == 0) return Milliseconds(0);
    return tl::unexpected(
        Complaint{"the duration " + std::string(text) + " has no unit",
                  "write \"" + std::string(text) + "s\" for seconds, or ms, m, h"});
  }
  if (number) {
    for (const Unit& unit : units) {
      if (unit.name != name) continue;
      if (*number > day / unit.milliseconds) {
        return tl::unexpected(Complaint{"the duration " + in_quotes(text) + " is longer than a day",
                                        "write at most \"24h\""});
      }
      return Milliseconds(*number * unit.milliseconds);
    }
  }
  return tl::unexpected(
      Complaint{in_quotes(text) + " is not a duration",
                "write a whole number and a unit: \"250ms\", \"10s\", \"2m\", \"1h\""});
}

}  // namespace devproxy
