// wslview is there under WSL only, and shows Windows' own browser. xdg-open without a desktop would
// look for a browser that needs the terminal. `open` is not asked: here it may be openvt.
#include "cli/terminal/browser.h"

namespace devproxy {

std::vector<std::string> browser_openers(const Variables& variables) {
  const bool has_desktop = !variables("DISPLAY").value_or("").empty() ||
                           !variables("WAYLAND_DISPLAY").value_or("").empty();
  if (has_desktop) return {"wslview", "xdg-open"};
  return {"wslview"};
}

}  // namespace devproxy
