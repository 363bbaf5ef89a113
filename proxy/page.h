// Page: an answer of our own for people and for programs: one HTML document without any external
// resource, or application/problem+json (RFC 9457), from the same facts. Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace devproxy {

struct Page {
  int status = 500;
  std::string title;                                       ///< one short sentence: what is wrong
  std::string detail;                                      ///< one or two sentences: why
  std::string hint;                                        ///< the next step
  std::string command;                                     ///< what to type next; may be empty
  std::vector<std::pair<std::string, std::string>> facts;  ///< name and value, in order
  std::vector<std::string> lines;                          ///< what the service printed last
  std::vector<std::string> nearby;                         ///< who else listens, in words
  std::vector<std::pair<std::string, std::string>>
      routes;            ///< URL and target; shown as a list with links
  bool reloads = false;  ///< asks again until the service answers, then shows it
};

std::string render_html(const Page& page);
std::string render_problem_json(const Page& page);

/// What our pages may load: nothing but themselves.
inline constexpr const char* page_security_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

}  // namespace devproxy
