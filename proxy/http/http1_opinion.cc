#include "proxy/http/http1_opinion.h"

#include <llhttp/llhttp.h>

namespace devproxy {
namespace {

int pause_behind_head(llhttp_t* /*parser*/) {
  return HPE_PAUSED;
}

struct Reading {
  llhttp_errno_t error;
  bool ended_at_head;  ///< it stopped exactly behind the empty line
};

Reading read(llhttp_t& parser, std::string_view begin, std::string_view rest) {
  llhttp_errno_t error = HPE_OK;
  if (!begin.empty()) error = llhttp_execute(&parser, begin.data(), begin.size());
  if (error == HPE_OK) error = llhttp_execute(&parser, rest.data(), rest.size());
  if (error != HPE_PAUSED) return {error == HPE_OK ? HPE_INTERNAL : error, false};
  return {HPE_OK, llhttp_get_error_pos(&parser) == rest.data() + rest.size()};
}

bool knows_method(std::string_view method) {
  // llhttp knows a fixed list that differs by its version; a method says nothing about framing, so
  // POST stands in.
  static constexpr std::string_view known[] = {"GET",    "HEAD",    "POST",  "PUT",
                                               "DELETE", "OPTIONS", "PATCH", "TRACE"};
  for (const std::string_view name : known) {
    if (name == method) return true;
  }
  return false;
}

const char* compare(const Reading& reading, const llhttp_t& parser, bool chunked,
                    const Headers& headers) {
  if (reading.error != HPE_OK) return "llhttp refuses the head";
  if (!reading.ended_at_head) return "llhttp sees another end of the head";
  if (((parser.flags & F_CHUNKED) != 0) != chunked) return "llhttp sees another transfer coding";
  const bool counted = headers.find(FieldId::content_length) != nullptr;
  if (((parser.flags & F_CONTENT_LENGTH) != 0) != counted)
    return "llhttp sees another content length";
  return nullptr;
}

}  // namespace

struct HeadOpinion::Parsers {
  llhttp_settings_t settings{};
  llhttp_t request{};
  llhttp_t response{};
};

HeadOpinion::HeadOpinion() : parsers_(std::make_unique<Parsers>()) {
  llhttp_settings_init(&parsers_->settings);
  parsers_->settings.on_headers_complete = pause_behind_head;
}

HeadOpinion::~HeadOpinion() = default;

const char* HeadOpinion::disagrees(std::string_view head, const Request& request) {
  llhttp_t& parser = parsers_->request;
  llhttp_init(&parser, HTTP_REQUEST, &parsers_->settings);
  const std::string_view method = request.method_text();
  const std::size_t line_end = head.find("\r\n", request.method.begin);
  const char minor = head[line_end - 1];
  const bool known = knows_method(method) && (minor == '0' || minor == '1');
  const Reading reading =
      known ? read(parser, {}, head) : read(parser, "POST / HTTP/1.1", head.substr(line_end));
  const bool chunked = request.body.kind == BodyLength::Kind::unknown;
  if (const char* why = compare(reading, parser, chunked, request.headers)) return why;
  if (request.body.kind == BodyLength::Kind::known && parser.content_length != request.body.bytes) {
    return "llhttp sees another content length";
  }
  return nullptr;
}

const char* HeadOpinion::disagrees(std::string_view head, const Response& response) {
  llhttp_t& parser = parsers_->response;
  llhttp_init(&parser, HTTP_RESPONSE, &parsers_->settings);
  const Reading reading = read(parser, {}, head);
  if (const char* why = compare(reading, parser, response.has_own_end, response.headers))
    return why;
  if (response.body.kind == BodyLength::Kind::known &&
      parser.content_length != response.body.bytes) {
    return "llhttp sees another content length";
  }
  return nullptr;
}

}  // namespace devproxy
