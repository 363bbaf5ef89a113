#include "cli/terminal/browser.h"

namespace devproxy {

std::vector<std::string> browser_openers(const Variables& /*variables*/) {
  return {"open"};
}

}  // namespace devproxy
