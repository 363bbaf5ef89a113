// HeadOpinion: llhttp's reading of a head that our own reader has accepted. Both must agree on
// where the body begins and how it is framed, or the message is refused: what one parser alone
// would get wrong cannot smuggle anything. The only user of llhttp; one per thread, reused for
// every message.
#pragma once

#include <memory>
#include <string_view>

#include "proxy/http/message.h"

namespace devproxy {

class HeadOpinion final {
 public:
  HeadOpinion();
  ~HeadOpinion();
  HeadOpinion(const HeadOpinion&) = delete;
  HeadOpinion& operator=(const HeadOpinion&) = delete;

  /// `head`: start line to the empty line. Null when llhttp agrees, else why not.
  const char* disagrees(std::string_view head, const Request& request);
  const char* disagrees(std::string_view head, const Response& response);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

}  // namespace devproxy
