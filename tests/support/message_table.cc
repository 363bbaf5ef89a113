#include "tests/support/message_table.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <regex>
#include <set>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds row_patience{8000};

/// Fields whose place and form are the proxy's own business; the rest is kept byte by byte.
bool is_written_anew(const std::string& name) {
  static const std::set<std::string> names{"connection",        "content-length",
                                           "forwarded",         "host",
                                           "keep-alive",        "te",
                                           "trailer",           "transfer-encoding",
                                           "upgrade",           "via",
                                           "x-forwarded-for",   "x-forwarded-host",
                                           "x-forwarded-port",  "x-forwarded-prefix",
                                           "x-forwarded-proto", "x-request-id"};
  return names.count(name) > 0;
}

std::string settled_value(const std::string& name, const std::string& value) {
  if (name == "via") {
    static const std::regex instance("devproxy-[0-9a-f]{8}\\b");
    return std::regex_replace(value, instance, "devproxy-#");
  }
  if (name == "transfer-encoding" || name == "connection" || name == "te") return lower(value);
  return value;
}

std::string fields_text(const std::vector<TextField>& fields) {
  std::string text;
  for (const TextField& field : fields) text += field.name + ": " + field.value + "\n";
  return text;
}

std::string ours(std::string_view host) {
  const std::string port(host.substr(host.find(':') + 1));
  return "Via: 1.1 devproxy-#\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: "
         "http\r\nX-Forwarded-Host: " +
         std::string(host) + "\r\nX-Forwarded-Port: " + port + "\r\nX-Request-Id: #\r\n";
}

std::string filled(const ProxyProcess& proxy, const std::string& text) {
  const std::string host = proxy.host("a.localhost");
  std::string result = replaced(text, "{ours}", ours(host));
  result = replaced(result, "{host}", host);
  return replaced(result, "{port}", std::to_string(proxy.port()));
}

/// RFC 9110 6.6.1: who forwards a response without a Date adds the time at which it came.
std::string settle_date(TextMessage& actual, const TextMessage& expected) {
  static const std::regex date(
      "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT");
  if (actual.status() < 200 || expected.has("date")) return {};
  if (actual.count("date") != 1 || !std::regex_match(actual.field("date"), date)) {
    return "the final response has no right Date:\n" + actual.head();
  }
  const auto is_date = [](const TextField& field) { return iequals(field.name, "date"); };
  actual.fields.erase(std::remove_if(actual.fields.begin(), actual.fields.end(), is_date),
                      actual.fields.end());
  return {};
}

/// An X-Request-Id that the proxy made may be any one token; a Forwarded is optional, but then it
/// must be right.
void settle(TextMessage& actual, const TextMessage& expected) {
  if (expected.field("x-request-id") == "#" && actual.count("x-request-id") == 1) {
    for (TextField& field : actual.fields) {
      if (iequals(field.name, "x-request-id") && !field.value.empty()) field.value = "#";
    }
  }
  if (!expected.has("forwarded") && actual.count("forwarded") == 1) {
    std::string wanted =
        "for=127.0.0.1;host=\"" + actual.field("x-forwarded-host") + "\";proto=http";
    std::vector<std::string> parts;
    const std::string value = actual.field("forwarded");
    for (const std::string_view part : split(value, ';')) parts.emplace_back(trim(part));
    std::sort(parts.begin(), parts.end());
    std::string sorted;
    for (const std::string& part : parts) sorted += (sorted.empty() ? "" : ";") + part;
    const auto is_forwarded = [](const TextField& field) {
      return iequals(field.name, "forwarded");
    };
    if (sorted == wanted) {
      actual.fields.erase(std::remove_if(actual.fields.begin(), actual.fields.end(), is_forwarded),
                          actual.fields.end());
    }
  }
  // Said or not, it is what HTTP/1.1 means.
  if (!expected.has("connection") && !actual.is_response() &&
      iequals(actual.field("connection"), "keep-alive")) {
    const auto is_connection = [](const TextField& field) {
      return iequals(field.name, "connection");
    };
    actual.fields.erase(std::remove_if(actual.fields.begin(), actual.fields.end(), is_connection),
                        actual.fields.end());
  }
}

std::string difference(const std::string& what, const std::string& expected,
                       const std::string& actual) {
  if (expected == actual) return {};
  return what + "\n--- expected:\n" + expected + "\n--- actual:\n" + actual + "\n---\n";
}

}  // namespace

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string canonical(const TextMessage& message) {
  std::string text = message.start + "\n";
  std::map<std::string, std::string> anew;
  for (const TextField& field : message.fields) {
    const std::string name = lower(field.name);
    if (!is_written_anew(name)) {
      text += field.name + ": " + field.value + "\n";
      continue;
    }
    std::string& value = anew[name];
    value += (value.empty() ? "" : ", ") + settled_value(name, field.value);
  }
  text += "-- written anew:\n";
  for (const auto& [name, value] : anew) text += name + ": " + value + "\n";
  text += "-- body:\n" + message.body + "\n";
  if (!message.trailers.empty()) text += "-- trailers:\n" + fields_text(message.trailers);
  return text;
}

// The text goes through a pair of sockets, so that it is read by the same strict reader as what
// comes from the proxy.
std::vector<TextMessage> parse_messages(const std::string& text,
                                        const std::vector<std::string>& methods) {
  std::vector<TextMessage> messages;
  if (text.empty()) return messages;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
    give_up("cannot make a pair of sockets");
  Wire writer(Descriptor{ends[0]}, "the row's writer");
  Wire reader(Descriptor{ends[1]}, "the row's text");
  writer.send(text);
  writer.half_close();
  std::size_t finals = 0;
  for (std::string more = reader.receive_some(); !more.empty(); more = reader.receive_some()) {
    reader.put_back(more);
    const bool to_head = finals < methods.size() && methods[finals] == "HEAD";
    messages.push_back(reader.receive_message(to_head));
    if (messages.back().status() >= 200) ++finals;
  }
  return messages;
}

std::string probe_request(const ProxyProcess& proxy) {
  return get(proxy.host("a.localhost"), "/probe");
}

bool is_probe_answer(const TextMessage& response) {
  return response.status() == 200 && response.body == "probe";
}

MessageTable::MessageTable() : upstream_([this](Peer& peer) { serve(peer); }) {}

void MessageTable::serve(Peer& peer) {
  TextMessage request;
  while (peer.receive_request(request)) {
    if (request.target() == "/probe") {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe");
      continue;
    }
    Stage stage;
    {
      const std::lock_guard lock(mutex_);
      stage_.requests.push_back(request);
      stage = stage_;
    }
    if (stage.bytewise) {
      peer.send_bytewise(stage.reply);
    } else {
      peer.send(stage.reply);
    }
    if (stage.closes) return;
  }
}

void MessageTable::set_stage(const MessageRow& row, bool bytewise) {
  const std::lock_guard lock(mutex_);
  stage_ = {row.reply, bytewise, row.upstream_closes, {}};
}

std::string MessageTable::run(ProxyProcess& proxy, const MessageRow& row, bool bytewise) {
  const std::string label = std::string(row.name) + (bytewise ? " (one byte at a time): " : ": ");
  set_stage(row, bytewise);
  std::string problem;
  try {
    problem = converse(proxy, row, bytewise);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (problem.empty()) return {};
  upstream_.drop_connections();
  const std::string failure = upstream_.failure();
  return label + problem + (failure.empty() ? "" : "\nthe service said: " + failure);
}

std::string MessageTable::converse(ProxyProcess& proxy, const MessageRow& row, bool bytewise) {
  const std::vector<TextMessage> expected = parse_messages(filled(proxy, row.upstream), {});
  std::vector<std::string> methods;
  for (const TextMessage& request : expected) methods.push_back(request.method());
  if (methods.empty()) methods.push_back(row.client.substr(0, row.client.find(' ')));
  const std::vector<TextMessage> answers = parse_messages(filled(proxy, row.answer), methods);

  RawClient client(proxy.port());
  client.set_patience(row_patience);
  const std::string request = filled(proxy, row.client);
  if (bytewise) {
    client.send_bytewise(request);
  } else {
    client.send(request);
  }
  std::size_t finals = 0;
  for (const TextMessage& wanted : answers) {
    const bool to_head = finals < methods.size() && methods[finals] == "HEAD";
    TextMessage actual = client.receive_message(to_head);
    if (actual.status() >= 200) ++finals;
    const std::string undated = settle_date(actual, wanted);
    if (!undated.empty()) return undated;
    const std::string wrong = difference("the client got", canonical(wanted), canonical(actual));
    if (!wrong.empty()) return wrong + check_requests(expected);
  }
  if (row.after == MessageRow::After::reusable) {
    if (!is_probe_answer(client.ask(probe_request(proxy))))
      return "the client's next request was answered wrongly";
  } else if (client.await_end() != Wire::End::fin) {
    return "the client's connection was reset";
  } else if (!is_probe_answer(proxy.ask(probe_request(proxy)))) {
    return "the next client was answered wrongly";
  }
  return check_requests(expected);
}

std::string MessageTable::check_requests(const std::vector<TextMessage>& expected) {
  std::deque<TextMessage> requests;
  {
    const std::lock_guard lock(mutex_);
    requests = stage_.requests;
  }
  std::string wanted_text;
  std::string actual_text;
  for (const TextMessage& wanted : expected) wanted_text += canonical(wanted);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (i < expected.size()) settle(requests[i], expected[i]);
    actual_text += canonical(requests[i]);
  }
  return difference("the service got", wanted_text, actual_text);
}

}  // namespace devproxy
