// HTTP/1 messages as tests see them: parsed strictly (a stray byte is a failure, never forgiven)
// and written plainly. Independent of the proxy's own parser on purpose. Values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct TextField {
  std::string name;
  std::string value;
};

struct TextMessage {
  enum class Framing { none, counted, chunked, until_close };

  std::string start;  ///< the first line, without its end
  std::vector<TextField> fields;
  Framing framing = Framing::none;
  std::string body;                 ///< decoded
  std::vector<std::string> chunks;  ///< as they came, when chunked
  std::vector<TextField> trailers;

  bool is_response() const;
  int status() const;          ///< of a response
  std::string method() const;  ///< of a request
  std::string target() const;  ///< of a request

  bool has(std::string_view name) const { return count(name) > 0; }
  std::size_t count(std::string_view name) const;
  /// All lines of this name, joined by ", "; empty when there is none.
  std::string field(std::string_view name) const;
  /// The head as it came, for messages about failures.
  std::string head() const;
};

/// `text` ends with the empty line. Gives up on anything that RFC 9112 does not allow a sender to
/// send.
TextMessage parse_head(std::string_view text);

/// Decides the framing of the body that follows by RFC 9112 6.3; `to_head`: the request was a HEAD.
TextMessage::Framing framing_of(const TextMessage& head, bool to_head);
std::size_t counted_length(const TextMessage& head);

/// "name: value" lines to fields, strictly.
TextField parse_field(std::string_view line);

/// For messages about failures: every byte outside printable ASCII as \xNN, line ends kept
/// readable.
std::string visible(std::string_view bytes);

}  // namespace devproxy
