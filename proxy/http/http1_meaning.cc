// What an HTTP/1 head means: start line, host, framing, persistence. See http1_head.h.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "proxy/http/host.h"
#include "proxy/http/http1_head.h"
#include "proxy/http/request_rules.h"

namespace devproxy {
namespace {

/// Everything that the fields of a message say about its framing and its connection.
struct Framing {
  HeadFault fault;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool upgrade_nominated = false;
  int hosts = 0;
  const Field* host = nullptr;
  bool websocket = false;
};

HeadFault read_transfer_encoding(std::string_view value) {
  int codings = 0;
  bool chunked_last = false;
  bool chunked_early = false;
  bool foreign = false;
  bool malformed = false;
  for_each_element(value, [&](std::string_view coding) {
    ++codings;
    if (chunked_last) chunked_early = true;
    chunked_last = iequals(coding, "chunked");
    if (!chunked_last) foreign = true;
    if (!is_token(coding.substr(0, coding.find_first_of("; \t")))) malformed = true;
  });
  if (codings == 0 || malformed) return {400, "a malformed Transfer-Encoding"};
  if (chunked_early) return {400, "chunked is not the only last transfer coding"};
  if (foreign) return {501, "a transfer coding other than chunked"};
  if (value.size() != 7) return {400, "a malformed Transfer-Encoding"};
  return {};
}

Framing read_framing(const Headers& headers) {
  Framing framing;
  for (const Field& field : headers.fields()) {
    const std::string_view value = headers.value(field);
    switch (field.id) {
      case FieldId::content_length: {
        const auto length = parse_number(value);
        if (framing.content_length) framing.fault = {400, "more than one Content-Length"};
        if (!length) framing.fault = {400, "a malformed Content-Length"};
        framing.content_length = length.value_or(0);
        break;
      }
      case FieldId::transfer_encoding:
        if (framing.chunked) framing.fault = {400, "more than one Transfer-Encoding"};
        framing.chunked = true;
        if (const HeadFault fault = read_transfer_encoding(value)) framing.fault = fault;
        break;
      case FieldId::connection:
        for_each_element(value, [&](std::string_view option) {
          if (iequals(option, "close")) framing.close = true;
          if (iequals(option, "keep-alive")) framing.keep_alive = true;
          if (iequals(option, "upgrade")) framing.upgrade_nominated = true;
        });
        break;
      case FieldId::upgrade:
        for_each_element(value, [&](std::string_view protocol) {
          if (iequals(protocol, "websocket")) framing.websocket = true;
        });
        break;
      case FieldId::host:
        ++framing.hosts;
        framing.host = &field;
        break;
      default:
        break;
    }
    if (framing.fault) return framing;
  }
  if (framing.chunked && framing.content_length) {
    framing.fault = {400, "both Transfer-Encoding and Content-Length"};
  }
  return framing;
}

/// The digit behind "HTTP/1.", 0 to 9; -1: not HTTP at all; -2: another major version.
int read_version(std::string_view text) {
  if (text.size() != 8 || text.substr(0, 5) != "HTTP/" || text[6] != '.') return -1;
  if (text[5] < '0' || text[5] > '9' || text[7] < '0' || text[7] > '9') return -1;
  return text[5] == '1' ? text[7] - '0' : -2;
}

HeadFault read_absolute_target(std::string_view line, std::size_t begin, std::size_t end,
                               Request& request) {
  const std::string_view target = line.substr(begin, end - begin);
  std::size_t authority = 0;
  if (target.size() > 7 && iequals(target.substr(0, 7), "http://")) authority = 7;
  if (target.size() > 8 && iequals(target.substr(0, 8), "https://")) authority = 8;
  if (authority == 0) return {400, "the request target is neither a path nor an http URL"};
  const std::size_t path = std::min(target.find_first_of("/?", authority), target.size());
  if (target.substr(authority, path - authority).find('@') != std::string_view::npos) {
    return {400, "user information in the request target"};
  }
  if (path == authority) return {400, "no host in the request target"};
  const auto offset = static_cast<std::uint32_t>(begin);
  request.authority = {offset + static_cast<std::uint32_t>(authority),
                       static_cast<std::uint32_t>(path - authority)};
  request.target = {offset + static_cast<std::uint32_t>(path),
                    static_cast<std::uint32_t>(target.size() - path)};
  request.host_is_in_target = true;
  return {};
}

/// RFC 9112 section 3.2: origin-form, absolute-form, asterisk-form; authority-form belongs to
/// CONNECT alone.
HeadFault read_target(std::string_view line, std::size_t begin, std::size_t end, Request& request) {
  const std::string_view target = line.substr(begin, end - begin);
  const std::string_view method = request.method_text();
  if (target.empty()) return {400, "the request line has no target"};
  if (const HeadFault fault = check_target(target)) return fault;
  if (method == "CONNECT") return refuse_tunnel();
  const auto offset = static_cast<std::uint32_t>(begin);
  if (target.front() == '/') {
    request.target = {offset, static_cast<std::uint32_t>(target.size())};
    return {};
  }
  if (target == "*") {
    if (const HeadFault fault = check_asterisk(method)) return fault;
    request.target = {offset, 1};
    return {};
  }
  return read_absolute_target(line, begin, end, request);
}

void make_target_whole(Request& request) {
  // RFC 9112 3.2.1 and 3.2.4: an absolute URL without a path means "/", and for OPTIONS "*".
  const std::string_view target = request.target_text();
  if (!target.empty() && target.front() != '?') return;
  std::string& block = request.headers.block();
  std::string whole = target.empty() && request.method_text() == "OPTIONS" ? "*" : "/";
  whole.append(target);
  request.target = {static_cast<std::uint32_t>(block.size()),
                    static_cast<std::uint32_t>(whole.size())};
  block.append(whole);
}

HeadFault read_host(const Framing& framing, Request& request) {
  if (framing.hosts > 1) return {400, "more than one Host"};
  if (framing.hosts == 0 && request.minor_version > 0) return {400, "no Host"};
  if (framing.host != nullptr) {
    if (!is_valid_authority(request.headers.value(*framing.host))) return {400, "a malformed Host"};
    if (!request.host_is_in_target) request.authority = framing.host->value;
  }
  if (request.host_is_in_target && !is_valid_authority(request.authority_text())) {
    return {400, "a malformed host in the request target"};
  }
  return {};
}

}  // namespace

HeadFault read_request_head(Piece start_line, Request& request) {
  const std::string_view block = request.headers.block();
  const std::size_t begin = start_line.begin;
  const std::size_t end = begin + start_line.size;
  std::size_t space = begin;
  while (space < end && block[space] != ' ') ++space;
  const std::size_t last = block.rfind(' ', end - 1);
  if (space == end || last <= space || last == std::string_view::npos) {
    return {400, "the request line is not METHOD TARGET HTTP/1.1"};
  }
  request.method = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(space - begin)};
  if (!is_token(request.method_text())) return {400, "the method is not a token"};

  const int version = read_version(block.substr(last + 1, end - last - 1));
  if (version == -2) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (version < 0) return {400, "the request line is not METHOD TARGET HTTP/1.1"};
  request.minor_version = version == 0 ? 0 : 1;
  request.protocol = version == 0 ? "HTTP/1.0" : "HTTP/1.1";
  if (const HeadFault fault = read_target(block, space + 1, last, request)) return fault;

  const Framing framing = read_framing(request.headers);
  if (framing.fault) return framing.fault;
  if (const HeadFault fault = read_host(framing, request)) return fault;
  if (framing.chunked && request.minor_version == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
  if (framing.chunked) {
    request.body = {BodyLength::Kind::unknown, 0};
  } else if (framing.content_length.value_or(0) > 0) {
    request.body = {BodyLength::Kind::known, *framing.content_length};
  }
  request.keep_alive =
      request.minor_version > 0 ? !framing.close : framing.keep_alive && !framing.close;
  request.websocket = framing.websocket && framing.upgrade_nominated && request.minor_version > 0 &&
                      request.method_text() == "GET" && request.body.is_none();
  if (const Field* te = request.headers.find(FieldId::te)) {
    for_each_element(request.headers.value(*te), [&](std::string_view coding) {
      if (iequals(coding, "trailers")) request.accepts_trailers = true;
    });
  }
  make_target_whole(request);
  return {};
}

HeadFault read_response_head(Piece start_line, std::string_view request_method, bool websocket,
                             Response& response) {
  const std::string_view line = response.headers.piece(start_line);
  const int version = line.size() < 12 ? -1 : read_version(line.substr(0, 8));
  if (version < 0) return {502, "the answer does not begin with HTTP/1"};
  if (line[8] != ' ' || (line.size() > 12 && line[12] != ' '))
    return {502, "a malformed status line"};
  const auto status = parse_number(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599) return {502, "a malformed status code"};
  response.status = static_cast<int>(*status);
  response.minor_version = version == 0 ? 0 : 1;
  if (line.size() > 13) {
    response.reason = {start_line.begin + 13, start_line.size - 13};
  }

  const Framing framing = read_framing(response.headers);
  if (framing.fault) return {502, framing.fault.why};
  if (framing.chunked && response.minor_version == 0) return {502, "Transfer-Encoding in HTTP/1.0"};
  response.content_length = framing.content_length;
  response.has_own_end = framing.chunked;
  response.keep_alive =
      response.minor_version > 0 ? !framing.close : framing.keep_alive && !framing.close;
  if (const Field* field = response.headers.find(FieldId::keep_alive)) {
    for_each_element(response.headers.value(*field), [&](std::string_view parameter) {
      if (parameter.size() > 8 && iequals(parameter.substr(0, 8), "timeout=")) {
        const auto seconds = parse_number(parameter.substr(8));
        if (seconds && *seconds < 86'400)
          response.keep_alive_seconds = static_cast<std::uint32_t>(*seconds);
      }
    });
  }

  if (response.status == 101) {
    if (!websocket || !framing.websocket)
      return {502, "101 to a request that asked for no upgrade"};
    response.upgraded = true;
    response.keep_alive = false;
    return {};
  }
  // RFC 9112 section 6.3, in its order.
  const bool bodiless = request_method == "HEAD" || response.status < 200 ||
                        response.status == 204 || response.status == 304;
  if (bodiless) return {};
  if (framing.chunked) {
    response.body = {BodyLength::Kind::unknown, 0};
  } else if (framing.content_length) {
    response.body = {
        *framing.content_length == 0 ? BodyLength::Kind::none : BodyLength::Kind::known,
        *framing.content_length};
  } else {
    response.body = {BodyLength::Kind::unknown, 0};
    response.keep_alive = false;
  }
  return {};
}

}  // namespace devproxy
