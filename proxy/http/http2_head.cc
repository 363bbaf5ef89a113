#include "proxy/http/http2_head.h"

#include <charconv>

#include "base/text.h"
#include "proxy/http/host.h"
#include "proxy/http/request_rules.h"
#include "proxy/http/websocket_key.h"

namespace devproxy {
namespace {

Piece append(std::string& block, std::string_view text) {
  const Piece piece{static_cast<std::uint32_t>(block.size()),
                    static_cast<std::uint32_t>(text.size())};
  block.append(text);
  return piece;
}

}  // namespace

void Http2RequestReader::reset() {
  size_.reset();
  scheme_ = protocol_ = {};
  cookies_.clear();
  if (cookies_.capacity() > 4096) std::string().swap(cookies_);
  cookies_secret_ = has_protocol_ = has_path_ = has_fields_ = false;
  fault_ = {};
}

void Http2RequestReader::take(std::string_view name, std::string_view value, bool is_secret,
                              Request& request) {
  size_.add(name, value);
  if (size_.is_too_large() && !fault_) fault_ = {431, size_.why()};
  if (fault_) return;
  if (!name.empty() && name.front() == ':') {
    take_pseudo(name, value, request);
    return;
  }
  if (!has_fields_) settle_host(request);
  const FieldId id = field_id(name);
  if (id == FieldId::host) {
    // RFC 9113 8.3.1: where both are given they must say the same.
    if (request.authority.size > 0) {
      if (!iequals(value, request.authority_text())) fault_ = {400, "Host differs from :authority"};
      return;
    }
    request.headers.add("host", value, FieldId::host);
    request.authority = request.headers.fields().back().value;
    return;
  }
  if (name == "cookie") {
    // RFC 9113 8.2.3: crumbs become one field before HTTP/1 sees them.
    if (!cookies_.empty()) cookies_.append("; ");
    cookies_.append(value);
    cookies_secret_ = cookies_secret_ || is_secret;
    return;
  }
  request.headers.add(name, value, id);
  if (is_secret) request.headers.mark_secret();
}

void Http2RequestReader::take_pseudo(std::string_view name, std::string_view value,
                                     Request& request) {
  std::string& block = request.headers.block();
  if (name == ":method") {
    request.method = append(block, value);
  } else if (name == ":path") {
    request.target = append(block, value);
    has_path_ = true;
  } else if (name == ":authority") {
    request.authority = append(block, value);
  } else if (name == ":scheme") {
    scheme_ = append(block, value);
  } else if (name == ":protocol") {
    protocol_ = append(block, value);
    has_protocol_ = true;
  }
}

/// RFC 9113 8.3.1: what HTTP/1 says in Host, in front of all other fields.
void Http2RequestReader::settle_host(Request& request) {
  has_fields_ = true;
  if (request.authority.size == 0) return;
  request.headers.make_room(request.authority.size + 16);
  request.headers.add("host", FieldId::host, {request.authority_text()});
}

HeadFault Http2RequestReader::finish(bool ends, Request& request) {
  request.protocol = "HTTP/2.0";
  if (fault_) return fault_;
  if (!has_fields_) settle_host(request);
  if (!cookies_.empty()) {
    request.headers.add("cookie", cookies_);
    if (cookies_secret_) request.headers.mark_secret();
  }
  if (!is_token(request.method_text())) return {400, "the method is not a token"};
  if (has_protocol_) {
    if (const HeadFault fault = read_websocket(request)) return fault;
  } else if (request.method_text() == "CONNECT") {
    return refuse_tunnel();
  }
  const std::string_view scheme = request.headers.piece(scheme_);
  if (!iequals(scheme, "http") && !iequals(scheme, "https"))
    return {400, "the scheme is neither http nor https"};
  if (request.headers.find(FieldId::host) == nullptr) return {400, "no :authority and no Host"};
  if (!is_valid_authority(request.authority_text())) return {400, "a malformed :authority"};
  if (const HeadFault fault = read_target(request)) return fault;

  if (!ends && !request.websocket) {
    request.body.kind = BodyLength::Kind::unknown;
    if (const Field* field = request.headers.find(FieldId::content_length)) {
      const auto length = parse_number(request.headers.value(*field));
      if (!length) return {400, "a malformed Content-Length"};
      request.body = {*length == 0 ? BodyLength::Kind::none : BodyLength::Kind::known, *length};
    }
  }
  // nghttp2 lets no other value pass.
  request.accepts_trailers = request.headers.find(FieldId::te) != nullptr;
  return {};
}

/// RFC 8441: an extended CONNECT is to a service what a GET with Upgrade is.
HeadFault Http2RequestReader::read_websocket(Request& request) {
  if (!iequals(request.headers.piece(protocol_), "websocket"))
    return {501, "CONNECT with a :protocol other than websocket"};
  request.method = append(request.headers.block(), "GET");
  request.websocket = true;
  request.headers.drop(FieldId::content_length);
  request.headers.drop("sec-websocket-key");
  request.headers.add("Sec-WebSocket-Key", make_websocket_key());
  if (request.headers.find("sec-websocket-version") == nullptr)
    request.headers.add("Sec-WebSocket-Version", "13");
  return {};
}

HeadFault Http2RequestReader::read_target(const Request& request) const {
  const std::string_view target = request.target_text();
  if (!has_path_ || target.empty()) return {400, "the request has no :path"};
  if (const HeadFault fault = check_target(target)) return fault;
  if (target == "*") return check_asterisk(request.method_text());
  if (target.front() != '/') return {400, "the :path does not begin with /"};
  return {};
}

HeadFault read_http2_response(std::string_view status, std::string_view request_method, bool ends,
                              Response& response) {
  const auto number = parse_number(status);
  if (status.size() != 3 || !number || *number < 100 || *number > 599)
    return {502, "a malformed :status"};
  response.status = static_cast<int>(*number);
  response.has_own_end = true;
  if (const Field* field = response.headers.find(FieldId::content_length)) {
    response.content_length = parse_number(response.headers.value(*field));
    if (!response.content_length) return {502, "a malformed Content-Length"};
  }
  const bool bodiless = ends || request_method == "HEAD" || response.status < 200 ||
                        response.status == 204 || response.status == 304;
  if (bodiless) return {};
  response.body.kind = BodyLength::Kind::unknown;
  if (response.content_length) response.body = {BodyLength::Kind::known, *response.content_length};
  return {};
}

bool is_connection_field(FieldId id) {
  switch (id) {
    case FieldId::connection:
    case FieldId::content_length:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
      return true;
    default:
      return false;
  }
}

const Http2Fields& Http2HeadWriter::request(const Request& request, std::string_view scheme) {
  fields_.clear();
  const Headers& headers = request.headers;
  const Field* host = headers.find(FieldId::host);
  std::string_view authority = request.forward_host;
  if (authority.empty() && host != nullptr) authority = headers.value(*host);
  if (request.websocket) {
    fields_.push_back({":method", "CONNECT"});
    fields_.push_back({":protocol", "websocket"});
  } else {
    fields_.push_back({":method", request.method_text()});
  }
  fields_.push_back({":scheme", scheme});
  fields_.push_back({":authority", authority});
  fields_.push_back({":path", request.forward_target.empty()
                                  ? request.target_text()
                                  : std::string_view(request.forward_target)});
  for (const Field& field : headers.fields()) {
    if (field.dropped || field.id == FieldId::host || is_connection_field(field.id)) continue;
    const std::string_view name = headers.name(field);
    if (request.websocket && iequals(name, "sec-websocket-key")) continue;
    fields_.push_back({name, headers.value(field), field.is_secret});
  }
  if (request.accepts_trailers) fields_.push_back({"te", "trailers"});
  if (request.body.kind == BodyLength::Kind::known) {
    add_content_length(request.body.bytes);
  } else if (request.body.is_none() && request.expects_body()) {
    add_content_length(0);
  }
  return fields_;
}

const Http2Fields& Http2HeadWriter::response(const Response& response) {
  fields_.clear();
  // RFC 8441 5: success is 200 here, and proves itself without Sec-WebSocket-Accept.
  const int status = response.upgraded ? 200 : response.status;
  const auto [end, error] = std::to_chars(status_, status_ + sizeof status_, status);
  fields_.push_back({":status", {status_, static_cast<std::size_t>(end - status_)}});
  for (const Field& field : response.headers.fields()) {
    if (field.dropped || is_connection_field(field.id)) continue;
    const std::string_view name = response.headers.name(field);
    if (response.upgraded && iequals(name, "sec-websocket-accept")) continue;
    fields_.push_back({name, response.headers.value(field), field.is_secret});
  }
  // RFC 9110 8.6.
  if (response.content_length && status >= 200 && status != 204 && !response.upgraded)
    add_content_length(*response.content_length);
  return fields_;
}

void Http2HeadWriter::add_content_length(std::uint64_t bytes) {
  const auto [end, error] = std::to_chars(length_, length_ + sizeof length_, bytes);
  fields_.push_back({"content-length", {length_, static_cast<std::size_t>(end - length_)}});
}

}  // namespace devproxy
