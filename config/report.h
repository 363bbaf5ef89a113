// A Report collects the problems of one load, with the source line of each. Owned by load(); one
// thread at a time.
#pragma once

#include <string>
#include <vector>

#include "config/problem.h"
#include "config/sources.h"

namespace devproxy {

class Report final {
 public:
  explicit Report(const Sources& sources) : sources_(sources) {}
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void add(std::string code, Where where, std::string message, std::string hint = "");
  /// A problem of a file as a whole; `name` as it should be printed, may be empty.
  void add_without_place(std::string code, std::string name, std::string message,
                         std::string hint = "");

  bool empty() const { return found_.empty(); }
  std::size_t size() const { return found_.size(); }
  /// By file in the order they were read, then by place; each once.
  Problems take();

 private:
  struct Found {
    Spot spot;
    Problem problem;
  };

  const Sources& sources_;
  std::vector<Found> found_;
};

}  // namespace devproxy
