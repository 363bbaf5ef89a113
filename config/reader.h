// A Reader takes the keys out of a table of the tree and their values out of the keys, reporting
// whatever is not as the table of keys (keys.h) says. One for each load; one thread at a time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"
#include "config/node.h"
#include "config/report.h"
#include "config/strings.h"
#include "config/values.h"

namespace devproxy {

/// The known keys of one table: those that are built and have a value of the right type.
struct Fields {
  std::array<const Member*, key_count> members{};
  const Member* kind = nullptr;            ///< the first kind that stands there, whatever its value
  std::vector<const Member*> other_kinds;  ///< those that should not stand beside it
  /// Keys that stand there with the wrong type, or that an unknown key seems to mean.
  std::vector<const KeyInfo*> failed;

  const Member* operator[](Key key) const { return members[static_cast<std::size_t>(key)]; }
};

class Reader final {
 public:
  Reader(Report& report, Strings& strings) : report_(report), strings_(strings) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// `name` is the service's, for messages; empty elsewhere.
  Fields fields(const Node& table, Place place, std::string_view name);

  // Each gives nothing when the key is absent (null), or after a problem was reported.
  std::optional<Text> text(const Member* member);
  /// A string or a list of strings, each with its own place; reports an empty list.
  std::vector<Text> texts(const Member* member);
  std::optional<std::int64_t> integer(const Member* member);
  std::optional<bool> boolean(const Member* member);
  std::optional<Milliseconds> duration(const Member* member);

  /// The value, or nothing after its complaint was reported at `where`.
  template <class T>
  std::optional<T> accept(Valued<T> value, Where where, const char* code = "config.value") {
    if (value) return std::optional<T>(*std::move(value));
    report_.add(code, where, std::move(value.error().message), std::move(value.error().hint));
    return std::nullopt;
  }

 private:
  bool check_type(const Member& member, const KeyInfo& info);

  Report& report_;
  Strings& strings_;
};

}  // namespace devproxy
