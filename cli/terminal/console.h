// A Console knows what stdout and stderr can show (colours, width) and writes to them. For commands
// that print and end; what follows a running proxy goes through LineWriter instead, which never
// blocks. Main thread.
#pragma once

#include <string>
#include <string_view>

#include "cli/terminal/failure.h"

namespace devproxy {

enum class Colour { plain, bold, dim, red, green, yellow, cyan, magenta };

/// `text` between the escape sequences of `colour`, or as it is when not `on`.
std::string paint(std::string_view text, Colour colour, bool on);

/// A line of what a reload changed, "+ …", "- …" or "~ …", in the colour of its sign.
std::string paint_change(std::string_view line, bool on);

struct Console {
  bool terminal = false;          ///< stdout is one
  bool colour = false;            ///< for stdout
  bool colour_of_errors = false;  ///< for stderr

  /// Asks the two descriptors, NO_COLOR and TERM.
  static Console detect();
};

/// Columns of the terminal that stdout is; 80 when it is none or does not say.
std::size_t terminal_width();

/// Writes everything; false when the reader is gone or the disk is full.
bool write_out(std::string_view text);
bool write_error(std::string_view text);

/// What a Failure looks like to people: the problems, `devproxy: error: …`, `hint: …`.
std::string failure_text(const Failure& failure, bool colour);

/// Shows a Failure in the form that was asked for and returns its exit code.
int report(const Failure& failure, bool json, const Console& console);

}  // namespace devproxy
