#include "proxy/http/http1_body.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::uint32_t max_extension_bytes = 16 * 1024;  ///< of one message

}  // namespace

struct BodyReader::Trailers {
  HeadReader reader;
  Headers fields;
};

BodyReader::BodyReader() = default;
BodyReader::~BodyReader() = default;

const Headers* BodyReader::trailers() const {
  return trailers_ == nullptr || trailers_->fields.empty() ? nullptr : &trailers_->fields;
}

void BodyReader::start(BodyFraming framing, std::uint64_t length) {
  framing_ = framing;
  state_ = State::size;
  digits_ = 0;
  extension_bytes_ = 0;
  left_ = framing == BodyFraming::counted ? length : 0;
  why_ = "";
  trailers_.reset();
}

BodyReader::Event BodyReader::refuse(const char* why) {
  why_ = why;
  return Event::refused;
}

bool BodyReader::bad_size(const char* why) {
  why_ = why;
  return false;
}

BodyReader::Event BodyReader::next(Bytes& bytes, Bytes& piece) {
  switch (framing_) {
    case BodyFraming::none:
      return Event::end;
    case BodyFraming::counted: {
      if (left_ == 0) return Event::end;
      if (bytes.empty()) return Event::more;
      piece =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      bytes.remove_prefix(piece.size());
      left_ -= piece.size();
      return Event::data;
    }
    case BodyFraming::chunked:
      return next_chunked(bytes, piece);
    case BodyFraming::until_close:
    case BodyFraming::raw:
      if (bytes.empty()) return Event::more;
      piece = bytes;
      bytes = {};
      return Event::data;
  }
  return Event::end;
}

BodyReader::Event BodyReader::next_chunked(Bytes& bytes, Bytes& piece) {
  while (!bytes.empty() || state_ == State::done) {
    switch (state_) {
      case State::size:
      case State::extension:
      case State::size_lf: {
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (!take_size_byte(c)) return Event::refused;
        break;
      }
      case State::data:
        piece =
            bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
        bytes.remove_prefix(piece.size());
        left_ -= piece.size();
        if (left_ == 0) state_ = State::data_cr;
        return Event::data;
      case State::data_cr:
        if (bytes.front() != '\r') return refuse("no CRLF behind the data of a chunk");
        bytes.remove_prefix(1);
        state_ = State::data_lf;
        break;
      case State::data_lf:
        if (bytes.front() != '\n') return refuse("no CRLF behind the data of a chunk");
        bytes.remove_prefix(1);
        state_ = State::size;
        digits_ = 0;
        left_ = 0;
        break;
      case State::trailers:
        return take_trailers(bytes);
      case State::done:
        return Event::end;
    }
  }
  return Event::more;
}

/// chunk-size [ BWS ";" chunk-ext ] CRLF, RFC 9112 section 7.1. Extensions are read over.
bool BodyReader::take_size_byte(char c) {
  if (state_ == State::size_lf) {
    if (c != '\n') return bad_size("a bare CR in the size line of a chunk");
    if (left_ > 0) {
      state_ = State::data;
      return true;
    }
    state_ = State::trailers;
    return true;
  }
  if (state_ == State::size) {
    const int digit = hex_value(c);
    if (digit >= 0) {
      if (++digits_ > 15) return bad_size("a chunk size of more than 15 digits");
      left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
      return true;
    }
    if (digits_ == 0) return bad_size("a chunk without a size");
    if (c == '\r') {
      state_ = State::size_lf;
      return true;
    }
    if (c != ';' && c != ' ' && c != '\t') return bad_size("a malformed chunk size");
    state_ = State::extension;
    // Blanks may stand in front of the semicolon only.
    blank_ = c != ';';
    return true;
  }
  if (c == '\r') {
    if (blank_) return bad_size("blanks behind a chunk size");
    state_ = State::size_lf;
    return true;
  }
  if (blank_) {
    if (c == ';')
      blank_ = false;
    else if (c != ' ' && c != '\t')
      return bad_size("a malformed chunk size");
  }
  const auto byte = static_cast<unsigned char>(c);
  if ((byte < 0x20 && c != '\t') || byte == 0x7f)
    return bad_size("a control byte in a chunk extension");
  if (++extension_bytes_ > max_extension_bytes)
    return bad_size("chunk extensions of more than 16 KiB");
  return true;
}

BodyReader::Event BodyReader::take_trailers(Bytes& bytes) {
  std::size_t used = 0;
  if (trailers_ == nullptr) {
    // The section is read as the fields of a head; this stands for its start line.
    trailers_ = std::make_unique<Trailers>();
    trailers_->reader.read("trailers\r\n", trailers_->fields, used);
  }
  const HeadReader::Progress progress = trailers_->reader.read(bytes, trailers_->fields, used);
  if (progress == HeadReader::Progress::refused) return refuse(trailers_->reader.fault().why);
  bytes.remove_prefix(used);
  if (progress == HeadReader::Progress::more) return Event::more;
  for (const Field& field : trailers_->fields.fields()) {
    if (!may_be_trailer(trailers_->fields.name(field), field.id)) trailers_->fields.drop(field);
  }
  state_ = State::done;
  return Event::end;
}

void BodyWriter::start(BodyFraming framing, std::uint64_t length) {
  framing_ = framing;
  left_ = length;
}

void BodyWriter::open_chunk(std::string& out, std::size_t size) {
  if (framing_ != BodyFraming::chunked) return;
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
  out.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n", 2);
}

void BodyWriter::close_chunk(std::string& out) {
  if (framing_ == BodyFraming::chunked) out.append("\r\n", 2);
}

Bytes BodyWriter::clip(Bytes bytes) {
  switch (framing_) {
    case BodyFraming::none:
      return {};
    case BodyFraming::counted:
      bytes =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      left_ -= bytes.size();
      return bytes;
    case BodyFraming::chunked:
    case BodyFraming::until_close:
    case BodyFraming::raw:
      break;
  }
  return bytes;
}

void BodyWriter::write(std::string& out, Bytes bytes) {
  bytes = clip(bytes);
  if (bytes.empty()) return;
  open_chunk(out, bytes.size());
  out.append(bytes);
  close_chunk(out);
}

bool BodyWriter::end(std::string& out, const Headers* trailers) {
  if (framing_ == BodyFraming::counted) return left_ == 0;
  if (framing_ != BodyFraming::chunked) return true;
  out.append("0\r\n", 3);
  if (trailers != nullptr) trailers->write_to(out);
  out.append("\r\n", 2);
  return true;
}

}  // namespace devproxy
