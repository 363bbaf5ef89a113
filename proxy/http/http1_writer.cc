#include "proxy/http/http1_writer.h"

#include <charconv>

namespace devproxy {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_content_length(std::string& out, std::uint64_t bytes) {
  out.append("Content-Length: ");
  append_number(out, bytes);
  out.append("\r\n", 2);
}

void append_status_line(std::string& out, const Response& response) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.push_back(' ');
  if (response.reason.size > 0) {
    out.append(response.reason_text());
  } else {
    out.append(reason_of(response.status));
  }
  out.append("\r\n", 2);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

BodyFraming write_request_head(std::string& out, const Request& request) {
  const std::string_view target = request.forward_target.empty()
                                      ? request.target_text()
                                      : std::string_view(request.forward_target);
  out.append(request.method_text()).push_back(' ');
  out.append(target).append(" HTTP/1.1\r\n", 11);
  if (!request.forward_host.empty())
    out.append("Host: ").append(request.forward_host).append("\r\n", 2);
  request.headers.write_to(out);
  if (request.websocket) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    return BodyFraming::raw;
  }
  if (request.accepts_trailers) out.append("TE: trailers\r\nConnection: TE\r\n");
  BodyFraming framing = BodyFraming::none;
  switch (request.body.kind) {
    case BodyLength::Kind::none:
      if (request.expects_body()) append_content_length(out, 0);
      break;
    case BodyLength::Kind::known:
      append_content_length(out, request.body.bytes);
      framing = BodyFraming::counted;
      break;
    case BodyLength::Kind::unknown:
      out.append("Transfer-Encoding: chunked\r\n");
      framing = BodyFraming::chunked;
      break;
  }
  out.append("\r\n", 2);
  return framing;
}

void write_interim_head(std::string& out, const Response& response) {
  append_status_line(out, response);
  response.headers.write_to(out);
  out.append("\r\n", 2);
}

BodyFraming write_response_head(std::string& out, const Response& response,
                                const ResponseHeadOptions& options) {
  append_status_line(out, response);
  response.headers.write_to(out);
  if (response.upgraded) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    return BodyFraming::raw;
  }
  BodyFraming framing = BodyFraming::none;
  if (options.head_request || !may_have_body(response.status)) {
    // What a GET would have had may be told, except where RFC 9110 8.6 forbids it.
    if (response.content_length && response.status != 204 && response.status >= 200) {
      append_content_length(out, *response.content_length);
    }
  } else {
    switch (response.body.kind) {
      case BodyLength::Kind::none:
        append_content_length(out, 0);
        break;
      case BodyLength::Kind::known:
        append_content_length(out, response.body.bytes);
        framing = BodyFraming::counted;
        break;
      case BodyLength::Kind::unknown:
        if (options.http_1_0) {
          framing = BodyFraming::until_close;
        } else {
          out.append("Transfer-Encoding: chunked\r\n");
          framing = BodyFraming::chunked;
        }
        break;
    }
  }
  if (options.close || framing == BodyFraming::until_close) {
    out.append("Connection: close\r\n");
  } else if (options.keep_alive_told) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n", 2);
  return framing;
}

const char* reason_of(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 414:
      return "URI Too Long";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 508:
      return "Loop Detected";
    default:
      return "";
  }
}

}  // namespace devproxy
