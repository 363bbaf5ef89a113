#include "cli/attach/exchange_form.h"

#include "base/json.h"

namespace devproxy {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

}  // namespace

std::string exchange_event(const ExchangeRecord& record) {
  const auto began =
      std::chrono::duration_cast<microseconds>(record.began.time_since_epoch()).count();
  const Json json{{"exchange",
                   {{"began_us", began},
                    {"method", record.method},
                    {"host", record.host},
                    {"target", record.target},
                    {"status", record.status},
                    {"took_us", record.took.count()},
                    {"service", record.service},
                    {"protocol", record.protocol},
                    {"bytes_in", record.bytes_in},
                    {"bytes_out", record.bytes_out},
                    {"note", record.note}}}};
  return json_line(json);
}

bool read_exchange(std::string_view text, const std::function<void(const ExchangeRecord&)>& see) {
  if (!text.starts_with(R"({"exchange":)")) return false;
  const Json outer = parse_json(text);
  if (!outer.is_object() || !outer.contains("exchange") || !outer["exchange"].is_object())
    return false;
  const Json& json = outer["exchange"];
  const std::string method = string_of(json, "method");
  const std::string host = string_of(json, "host");
  const std::string target = string_of(json, "target");
  const std::string service = string_of(json, "service");
  const std::string protocol = string_of(json, "protocol");
  const std::string note = string_of(json, "note");
  ExchangeRecord record;
  record.began = system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(
      microseconds(number_of(json, "began_us"))));
  record.method = method;
  record.host = host;
  record.target = target;
  record.status = static_cast<int>(number_of(json, "status"));
  record.took = microseconds(number_of(json, "took_us"));
  record.service = service;
  record.protocol = protocol;
  record.bytes_in = static_cast<std::uint64_t>(number_of(json, "bytes_in"));
  record.bytes_out = static_cast<std::uint64_t>(number_of(json, "bytes_out"));
  record.note = note;
  see(record);
  return true;
}

}  // namespace devproxy
