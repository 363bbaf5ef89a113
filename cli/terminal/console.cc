#include "cli/terminal/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "cli/terminal/environment.h"

namespace devproxy {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string_view sequence(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::cyan:
      return "\x1b[36m";
    case Colour::magenta:
      return "\x1b[35m";
  }
  return "";
}

}  // namespace

std::string paint(std::string_view text, Colour colour, bool on) {
  if (!on || colour == Colour::plain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", sequence(colour), text);
}

std::string paint_change(std::string_view line, bool on) {
  const Colour colour = line.starts_with("+")   ? Colour::green
                        : line.starts_with("-") ? Colour::red
                                                : Colour::yellow;
  return paint(line, colour, on);
}

Console Console::detect() {
  // https://no-color.org: any value that is not empty.
  const bool wanted = environment("NO_COLOR").value_or("").empty() &&
                      environment("TERM").value_or("dumb") != "dumb";
  Console console;
  console.terminal = ::isatty(STDOUT_FILENO) == 1;
  console.colour = wanted && console.terminal;
  console.colour_of_errors = wanted && ::isatty(STDERR_FILENO) == 1;
  return console;
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool write_out(std::string_view text) {
  return write_all(STDOUT_FILENO, text);
}
bool write_error(std::string_view text) {
  return write_all(STDERR_FILENO, text);
}

std::string failure_text(const Failure& failure, bool colour) {
  std::string text;
  for (const Problem& problem : failure.problems) text += render(problem, colour) + "\n";
  text += fmt::format("devproxy: {} {}\n", paint("error:", Colour::red, colour), failure.message);
  if (!failure.hint.empty())
    text += fmt::format("{} {}\n", paint("hint:", Colour::cyan, colour), failure.hint);
  return text;
}

int report(const Failure& failure, bool json, const Console& console) {
  if (json) {
    write_out(error_form(failure) + "\n");
  } else {
    write_error(failure_text(failure, console.colour_of_errors));
  }
  return static_cast<int>(failure.exit);
}

}  // namespace devproxy
