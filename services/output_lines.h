// OutputLines turns what a program prints into lines: both kinds of line end, what a progress bar
// overwrites left out, colours kept and every other escape sequence dropped. Bounded: a line
// without end is cut into pieces. Pure; any one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace devproxy {

class OutputLines final {
 public:
  static constexpr std::size_t longest = std::size_t{16} * 1024;

  /// Without the line's end; valid during the call.
  using OnLine = std::function<void(std::string_view line)>;

  void take(std::string_view bytes, const OnLine& on_line);
  /// What stands there without a line's end.
  void finish(const OnLine& on_line);

 private:
  void end_line(const OnLine& on_line);

  std::string line_;
};

/// What the last return to the line's begin left to see, with SGR sequences (colours) as the only
/// escapes and without other control characters but the tab.
std::string visible_text(std::string_view line);
/// Without any escape sequence.
std::string plain_text(std::string_view line);

}  // namespace devproxy
