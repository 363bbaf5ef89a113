// Result<T>: a value or an Error. Errors that a caller can act on travel this way; nothing of ours
// throws.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace devproxy {

/// Whose fault it is: decides the status, the log level and whether a retry makes sense.
enum class Source { client, upstream, config, system, ourselves };

/// What went wrong, in the words that retry, hold and error pages need.
enum class Code {
  bad_request,      ///< the message broke a rule of its protocol
  too_large,        ///< head, fields or target over a limit
  not_implemented,  ///< a framing that we do not speak
  bad_version,      ///< not HTTP/1.x
  refused,          ///< nobody listens there
  unreachable,      ///< connect failed for another reason
  unresolved,       ///< the name has no address
  timed_out,        ///< a limit of time ran out
  closed,           ///< the peer ended where no end was allowed
  reset,            ///< the connection broke
  no_descriptors,   ///< EMFILE, ENFILE or our own budget
  invalid,          ///< a value that cannot be used
  taken,            ///< an address or a name that somebody else holds
  denied,           ///< permission
  missing,          ///< a file or a thing that is not there
  unprocessed,      ///< the service says that it did not look at the request (RFC 9113 8.7)
  cancelled,        ///< given up on purpose
  internal,         ///< a broken invariant of ours
};

struct Error {
  Code code = Code::internal;
  Source source = Source::ourselves;
  std::string detail;  ///< lower-case, names the thing, ends with the next step
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, Source source, std::string detail) {
  return tl::unexpected<Error>(Error{code, source, std::move(detail)});
}

}  // namespace devproxy
