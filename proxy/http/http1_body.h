// BodyReader and BodyWriter: HTTP/1 body framing (RFC 9112 sections 6 and 7), apart from heads and
// sockets. Each is a value within a frontend or backend. The reader is strict: what smugglers bend
// in chunked coding is refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "proxy/http/http1_head.h"
#include "proxy/http/message.h"

namespace devproxy {

enum class BodyFraming : std::uint8_t { none, counted, chunked, until_close, raw };

class BodyReader final {
 public:
  BodyReader();
  ~BodyReader();
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  enum class Event : std::uint8_t { more, data, end, refused };

  void start(BodyFraming framing, std::uint64_t length = 0);

  /// Takes the next piece out of `bytes` (advancing it): more: all taken, nothing to give; data:
  /// `piece` is body; end: the body is complete, what is left in `bytes` is not part of it.
  Event next(Bytes& bytes, Bytes& piece);

  /// Whether the end of input is the end of this body.
  bool ends_with_input() const {
    return framing_ == BodyFraming::until_close || framing_ == BodyFraming::raw;
  }
  BodyFraming framing() const { return framing_; }

  /// Null when there were none. Valid behind end until the next start.
  const Headers* trailers() const;
  const char* why() const { return why_; }

 private:
  struct Trailers;
  enum class State : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailers,
    done
  };

  Event refuse(const char* why);
  Event next_chunked(Bytes& bytes, Bytes& piece);
  bool bad_size(const char* why);
  bool take_size_byte(char c);
  Event take_trailers(Bytes& bytes);

  BodyFraming framing_ = BodyFraming::none;
  State state_ = State::size;
  bool blank_ = false;  ///< between a chunk size and its semicolon
  std::uint8_t digits_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint64_t left_ = 0;
  const char* why_ = "";
  std::unique_ptr<Trailers> trailers_;  ///< only while and after a chunked body ends
};

class BodyWriter final {
 public:
  void start(BodyFraming framing, std::uint64_t length = 0);
  BodyFraming framing() const { return framing_; }

  /// What goes in front of and behind `bytes` on the wire; counted bodies are cut at their length.
  void write(std::string& out, Bytes bytes);
  /// For large pieces that are not to be copied: the same in three parts.
  void open_chunk(std::string& out, std::size_t size);
  void close_chunk(std::string& out);
  Bytes clip(Bytes bytes);

  /// The last chunk and the trailers. False: a counted body is short of its length.
  [[nodiscard]] bool end(std::string& out, const Headers* trailers);

 private:
  BodyFraming framing_ = BodyFraming::none;
  std::uint64_t left_ = 0;
};

}  // namespace devproxy
