// Text for man pages: man(7) of roff, plain ASCII, without warnings of groff. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

/// Escaped: backslashes, hyphens, quotes, other characters by their number; `words` in backticks
/// are bold.
std::string roff(std::string_view text);

class ManPage final {
 public:
  /// `what`: the line behind NAME.
  ManPage(std::string_view name, int section, std::string_view volume, std::string_view what);

  void heading(std::string_view title);     ///< .SH
  void subheading(std::string_view title);  ///< .SS
  void paragraph(std::string_view text);
  /// A term and what it is, indented.
  void item(std::string_view term, std::string_view text);
  /// A further paragraph of the item above.
  void more(std::string_view text);
  /// Lines as they are, indented.
  void code(std::string_view lines);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace devproxy
