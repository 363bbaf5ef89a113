// HTTP/1 heads to bytes. Framing and Connection are always written anew from what the message is,
// never copied. Pure functions; any thread.
#pragma once

#include <string>

#include "proxy/http/http1_body.h"
#include "proxy/http/message.h"

namespace devproxy {

/// A request as the service gets it: forward_target and forward_host in force. Returns how its body
/// is to be framed.
BodyFraming write_request_head(std::string& out, const Request& request);

/// What the client's side adds to a response's head.
struct ResponseHeadOptions {
  bool head_request = false;     ///< a HEAD: no body whatever the head says
  bool http_1_0 = false;         ///< the client speaks HTTP/1.0
  bool close = false;            ///< this connection ends with this response
  bool keep_alive_told = false;  ///< HTTP/1.0 client that asked for keep-alive
};

/// A final response or a 101. Returns how its body is to be framed (until_close: the connection
/// must end with it).
BodyFraming write_response_head(std::string& out, const Response& response,
                                const ResponseHeadOptions& options);

/// A 1xx other than 101.
void write_interim_head(std::string& out, const Response& response);

/// The standard reason of a status, "" when there is none.
const char* reason_of(int status);

}  // namespace devproxy
