// A MessageTable checks rows of "client says this, service gets that, service answers this, client
// gets that" through the real program. Rows are plain HTTP text; what the proxy writes anew
// (framing, Via, X-Forwarded-*, X-Request-Id) is compared by value, everything else byte by byte
// and in order. A row's result is a text: empty when all is well.
//
// In rows, {host} is "a.localhost:PORT", {port} is PORT, and {ours} stands for the fields that
// every forwarded request gets.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_upstream.h"
#include "tests/support/proxy_process.h"

namespace devproxy {

struct MessageRow {
  enum class After {
    reusable,  ///< the client's connection takes another request
    closed,    ///< the proxy closes it in order
  };

  const char* name;
  std::string client;    ///< one or more requests
  std::string upstream;  ///< the same as the service must get them; empty: nothing may reach it
  std::string reply;     ///< what the service answers to each, interim responses included
  std::string answer;    ///< what the client must get for all of them
  After after = After::reusable;
  bool upstream_closes = false;  ///< the service closes when it has replied
};

/// A message in the form in which it is compared.
std::string canonical(const TextMessage& message);
/// Every message in a text; `methods`: of the requests that the responses answer.
std::vector<TextMessage> parse_messages(const std::string& text,
                                        const std::vector<std::string>& methods);

class MessageTable final {
 public:
  /// The program is started by the test with a route for a.localhost to this service.
  MessageTable();
  FakeUpstream& upstream() { return upstream_; }

  /// In one piece, or one byte at a time in both directions.
  std::string run(ProxyProcess& proxy, const MessageRow& row, bool bytewise);

 private:
  struct Stage {
    std::string reply;
    bool bytewise = false;
    bool closes = false;
    std::deque<TextMessage> requests;
  };

  void serve(Peer& peer);
  void set_stage(const MessageRow& row, bool bytewise);
  std::string converse(ProxyProcess& proxy, const MessageRow& row, bool bytewise);
  std::string check_requests(const std::vector<TextMessage>& expected);

  std::mutex mutex_;
  Stage stage_;
  FakeUpstream upstream_;
};

/// A request to the same route that the service of a MessageTable answers with "probe".
std::string probe_request(const ProxyProcess& proxy);
bool is_probe_answer(const TextMessage& response);

/// Replaces every `from` in the text.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace devproxy
