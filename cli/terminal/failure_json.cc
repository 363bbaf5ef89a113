#include "cli/terminal/failure_json.h"

namespace devproxy {
namespace {

Json problem_json(const Problem& problem) {
  Json json;
  json["code"] = problem.code;
  json["message"] = problem.message;
  json.update(place_json(problem.at));
  json["hint"] = problem.hint;
  return json;
}

}  // namespace

Json place_json(const Position& at) {
  Json json;
  json["file"] = at.file;
  json["line"] = at.line;
  json["column"] = at.column;
  return json;
}

Json problems_json(const Problems& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) list.push_back(problem_json(problem));
  return list;
}

Json failure_json(const Failure& failure) {
  Json json;
  json["code"] = failure.code;
  json["message"] = failure.message;
  // The place of the first problem, so that a reader who wants only one need not look further.
  json.update(place_json(failure.problems.empty() ? Position{} : failure.problems.front().at));
  json["hint"] = failure.hint;
  json["exit"] = static_cast<int>(failure.exit);
  if (!failure.problems.empty()) json["problems"] = problems_json(failure.problems);
  return json;
}

std::string error_form(const Failure& failure) {
  Json json{{"schema", "devproxy.error/v1"}};
  json.update(failure_json(failure));
  return json_line(json);
}

}  // namespace devproxy
