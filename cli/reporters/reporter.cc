#include "cli/reporters/reporter.h"

#include <fmt/format.h>

#include <utility>

#include "cli/project/url_table.h"
#include "cli/reporters/json_reporter.h"
#include "cli/reporters/text_reporter.h"
#include "config/values.h"

namespace devproxy {

std::unique_ptr<Reporter> make_reporter(ReportForm form, LineWriter& out, LineWriter& errors,
                                        bool terminal, bool colour, bool colour_of_errors,
                                        std::function<bool()> ca_is_trusted) {
  switch (form) {
    case ReportForm::table:
    case ReportForm::plain: {
      const TextStyle style{form == ReportForm::table, terminal, colour, colour_of_errors};
      return std::make_unique<TextReporter>(out, errors, style, std::move(ca_is_trusted));
    }
    case ReportForm::events:
    case ReportForm::log:
      break;
  }
  return std::make_unique<JsonReporter>(out, form == ReportForm::events);
}

std::vector<std::string> exposure_warnings(const Config& config) {
  std::vector<std::string> warnings;
  for (const ListenAddress& address : config.proxy.listen) {
    if (is_loopback(address.host)) continue;
    warnings.push_back(fmt::format(
        "{} is reachable from other machines, and so is every route (expose = true in [proxy])",
        address_text({address.host, address.port})));
  }
  return warnings;
}

}  // namespace devproxy
