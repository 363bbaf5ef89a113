// RouteTable: which service answers a request. Built once from a Config, then immutable, shared by
// any thread. match() and explain() walk the same candidates in the same order; neither allocates
// for a match.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace devproxy {

/// A request's fields, asked only when a route has conditions on them. `name` is lower-case; of
/// several lines of one name `nth` counts, from 0.
class FieldLookup {
 public:
  virtual std::optional<std::string_view> field(std::string_view name, std::size_t nth) const = 0;

 protected:
  ~FieldLookup() = default;
};

/// The question. host: lower-case, no port, no trailing dot; path: normalised (router/path.h),
/// without query.
struct Lookup {
  std::string_view host;
  std::string_view path;
  std::string_view method;
  const FieldLookup* fields = nullptr;  ///< null: no field is present
  std::string_view query = {};          ///< as it was sent, without '?'; for `service_when` alone
};

struct Route {
  RouteRule rule;
  std::size_t service = 0;                 ///< index into RouteTable::services()
  std::size_t order = 0;                   ///< index into RouteTable::routes()
  std::vector<std::size_t> services_when;  ///< of each of rule.service_when; see service_when.h
  /// Of the fields that service_when looks at, for Vary (RFC 9110 12.5.5); mostly empty. A query is
  /// part of the URL.
  std::string vary;
};

/// One candidate of explain(), best first: why it matched, or why it lost.
struct Candidate {
  const Route* route = nullptr;
  std::string host;  ///< the pattern of this route that was considered
  bool matched = false;
  std::string reason;  ///< "matches", "path /x is not below /api", "method POST is not GET, HEAD",
                       ///< "a.b is more exact than *.b" …
};

class RouteTable final {
 public:
  /// `config` must have passed check(): unknown services are a broken invariant here.
  static std::shared_ptr<const RouteTable> build(const Config& config);
  ~RouteTable();
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// The winning route, or null. Precedence: exact host, longer wildcard suffix, "*"; then the
  /// longest path prefix; then more conditions (methods count one, each header one); then file
  /// order.
  const Route* match(const Lookup& lookup) const;

  /// Every route whose host pattern matches, best first, the winner marked; then those whose host
  /// did not match are left out.
  std::vector<Candidate> explain(const Lookup& lookup) const;

  /// Whether any route names this host, exactly or by a wildcard; "*" names none, so that it never
  /// opens the list of names.
  bool knows_host(std::string_view host) const;

  const std::vector<Route>& routes() const;
  const std::vector<Service>& services() const;

 private:
  RouteTable();
  struct Index;
  std::unique_ptr<Index> index_;
};

/// What a reload changed, one line each, in file order: "+ admin.localhost -> :7001", "~ /api :4001
/// -> :4312", "- old.localhost".
std::vector<std::string> describe_changes(const RouteTable& before, const RouteTable& after);

}  // namespace devproxy
