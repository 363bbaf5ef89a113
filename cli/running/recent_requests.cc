#include "cli/running/recent_requests.h"

#include <algorithm>
#include <cstdint>

#include "base/json.h"
#include "base/text.h"

namespace devproxy {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

/// "shop.localhost:6289" is shop.localhost; "[::1]:6289" is ::1.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool fits(const RecentRequest& request, const RecentRequests::Wish& wish) {
  return (wish.service.empty() || request.service == wish.service) &&
         (wish.host.empty() || iequals(without_port(request.host), wish.host));
}

Json to_json(const RecentRequest& request) {
  Json json;
  json["began_us"] =
      std::chrono::duration_cast<microseconds>(request.began.time_since_epoch()).count();
  json["method"] = request.method;
  json["host"] = request.host;
  json["path"] = request.path;
  json["status"] = request.status;
  json["us"] = request.took.count();
  json["service"] = request.service;
  json["note"] = request.note;
  return json;
}

RecentRequest from_json(const Json& json) {
  RecentRequest request;
  request.began = system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(
      microseconds(number_of(json, "began_us"))));
  request.method = string_of(json, "method");
  request.host = string_of(json, "host");
  request.path = string_of(json, "path");
  request.status = static_cast<int>(number_of(json, "status"));
  request.took = microseconds(number_of(json, "us"));
  request.service = string_of(json, "service");
  request.note = string_of(json, "note");
  return request;
}

}  // namespace

void RecentRequests::add(const ExchangeRecord& record) {
  // Until it is full, the next place is the one behind the last.
  if (next_ == ring_.size()) ring_.emplace_back();
  RecentRequest& entry = ring_[next_];
  next_ = (next_ + 1) % most;
  entry.began = record.began;
  entry.method.assign(record.method);
  entry.host.assign(record.host);
  entry.path.assign(record.target.substr(0, std::min(record.target.find('?'), longest_path)));
  entry.status = record.status;
  entry.took = record.took;
  entry.service.assign(record.service);
  entry.note.assign(record.note);
}

std::vector<RecentRequest> RecentRequests::last(const Wish& wish) const {
  std::vector<RecentRequest> found;
  // Behind the newest; in a full ring that is where the oldest stands.
  const std::size_t end = next_ + ring_.size();
  for (std::size_t i = 1; i <= ring_.size() && found.size() < wish.count; ++i) {
    const RecentRequest& request = ring_[(end - i) % ring_.size()];
    if (fits(request, wish)) found.push_back(request);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::string requests_answer(const RecentRequests* recent, const ControlCall& call) {
  Json json{{"schema", "devproxy.requests/v1"}};
  json["measured"] = recent != nullptr;
  json["requests"] = Json::array();
  if (recent != nullptr) {
    const std::size_t count = parse_number(call.argument("count")).value_or(RecentRequests::most);
    for (const RecentRequest& request :
         recent->last({call.argument("service"), call.argument("host"), count}))
      json["requests"].push_back(to_json(request));
  }
  // What clients sent need not be UTF-8.
  return json_line(json);
}

Result<RequestsAnswer> read_requests_answer(std::string_view text) {
  const Json json = parse_json(text);
  if (!json.is_object())
    return fail(Code::invalid, Source::system,
                "a running devproxy answers what this version does not understand; restart it");
  RequestsAnswer answer;
  const auto measured = json.find("measured");
  answer.measured = measured != json.end() && measured->is_boolean() && measured->get<bool>();
  const auto list = json.find("requests");
  if (list == json.end() || !list->is_array()) return answer;
  for (const Json& entry : *list) {
    if (entry.is_object()) answer.requests.push_back(from_json(entry));
  }
  return answer;
}

}  // namespace devproxy
