// RecentRequests are the last exchanges of a running proxy, for whoever asks over the control
// socket. A bounded ring whose entries keep their memory, so that a request costs a few copies and
// no allocation. Paths are kept without their query. Loop thread; owned by Edge.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/protocol.h"
#include "proxy/server.h"

namespace devproxy {

struct RecentRequest {
  std::chrono::system_clock::time_point began;
  std::string method;
  std::string host;  ///< as the client sent it
  std::string path;
  int status = 0;
  std::chrono::microseconds took{0};
  std::string service;  ///< empty: answered by the proxy itself
  std::string note;     ///< why it failed; empty when it did not
};

class RecentRequests final {
 public:
  static constexpr std::size_t most = 200;
  /// Of a path: longer ones are cut.
  static constexpr std::size_t longest_path = 200;

  void add(const ExchangeRecord& record);

  struct Wish {
    std::string service;  ///< empty: any
    std::string host;     ///< without its port; empty: any
    std::size_t count = most;
  };
  /// The last ones that fit, the oldest first.
  std::vector<RecentRequest> last(const Wish& wish) const;

 private:
  std::vector<RecentRequest> ring_;
  std::size_t next_ = 0;  ///< where the next one goes
};

/// The answer to the control call "requests" {service, host, count}: "devproxy.requests/v1". Null:
/// nothing is measured, and it says so.
std::string requests_answer(const RecentRequests* recent, const ControlCall& call);

/// What a proxy answered.
struct RequestsAnswer {
  bool measured = false;
  std::vector<RecentRequest> requests;
};
/// Error: invalid.
Result<RequestsAnswer> read_requests_answer(std::string_view text);

}  // namespace devproxy
