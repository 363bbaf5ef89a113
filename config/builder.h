// Builder: the state of one build() run, for config/ alone: first every service, then every route,
// then their order. See build.h; lives within one call, one thread.
#pragma once

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "config/build.h"
#include "config/checkout.h"

namespace devproxy {

/// A service while its Config is being made.
struct ServiceDraft {
  const Member* member = nullptr;
  Fields fields;
  bool enabled = true;
  std::optional<Target> target;
  Where target_at;
  std::vector<Text> depends_on;
  std::vector<std::string> hosts;  ///< empty: it has no route
  bool hosts_known = true;
};

/// The keys that a service and a [[routes]] entry have in common.
struct ReadRoute {
  RouteRule rule;  ///< without hosts when none are named
  bool whole =
      true;  ///< false: what it matches is not known, so it must not be compared with others
};

class Builder {
 public:
  Builder(const Node& root, const std::string& main_file, const Layers& layers,
          const Sources& sources, Report& report, Strings& strings)
      : root_(root),
        main_file_(main_file),
        layers_(layers),
        sources_(sources),
        report_(report),
        strings_(strings),
        reader_(report, strings),
        files_(reader_, sources, report, layers.incomplete()) {}

  Draft build();

 private:
  void name_project(const Member* name, const Checkout& checkout);

  // ---- build_worktree.cc

  /// After the project has its name and [proxy] its domains.
  void set_worktree(const Member* form, const Checkout& checkout);
  /// A host that the file names, as it is called in this checkout; reports one that gets too long.
  std::string host_here(std::string host, Where where);
  /// Redirects to a host of this project follow it.
  void rename_redirects();
  /// Whether a stable TCP port belongs to the main checkout alone; remembered then.
  bool leave_port(std::uint16_t port, Where where);

  void make_room(const Fields& top);

  // ---- services

  void find_services(const Node& table);

  void build_service(ServiceDraft& service);

  void check_kinds(const ServiceDraft& service);

  void set_target(ServiceDraft& service);

  /// insecure and ca, for https urls alone.
  void set_trust(ServiceDraft& service);

  // build_follow.cc

  void set_follow(ServiceDraft& service);

  // build_commands.cc

  /// command, and the keys that belong to it.
  void set_command(ServiceDraft& service);
  void read_words(const Member& member, CommandTarget& command);
  void read_variables(const ServiceDraft& service, CommandTarget& command);
  void read_ready(const Member* member, CommandTarget& command);
  void read_ending(const Fields& fields, CommandTarget& command);
  void check_placeholders(const Text& text, std::string_view service);
  /// Once all services are known: names that do not exist, circles.
  void check_dependencies();

  std::optional<std::uint16_t> port_of(const ServiceDraft& service);
  /// The number of a key that names a port.
  std::optional<std::uint16_t> port_at(const Member* member);

  // ---- build_tcp.cc

  /// `hold`: as its route has it.
  void build_tcp(const ServiceDraft& service, Milliseconds hold);
  /// Whether requests reach the service at all: one that only has a TCP port needs a host for that.
  static bool has_route(const ServiceDraft& service);
  void refuse_keys_of_routes(const ServiceDraft& service);

  // ---- routes

  void build_route(const Node& table);

  ReadRoute read_route(const Fields& fields, std::string_view service);

  void read_hosts(const Member* member, std::string_view service, RouteRule& rule);

  void read_methods(const Member* member, RouteRule& rule);

  void read_headers(const Member* member, RouteRule& rule);

  // build_service_when.cc

  void read_service_when(const Member* member, RouteRule& rule);
  std::optional<ServiceWhen> read_when(const Node& table);
  /// "name=value" or "name"; nothing after a problem.
  bool read_condition(const Member& member, ServiceWhen& when);
  /// Once the targets of all services are known: which Host those get that are chosen.
  void resolve_host_headers();

  /// What depends on the service, then the route is done.
  void finish_route(ReadRoute&& read, const ServiceDraft& service, const Fields& fields,
                    Where where);

  /// File order, the local file first; breaks ties of precedence.
  void put_in_order();

  // ---- words

  std::optional<Text> filled(const std::optional<Text>& text, std::string_view service);

  tl::expected<std::string, std::string> placeholder(std::string_view name,
                                                     std::string_view service);

  void report_twice(const std::string& what, std::string_view list, Where where);

  std::string hint_for_service(std::string_view name);

  const Node& root_;
  const std::string& main_file_;
  const Layers& layers_;
  const Sources& sources_;
  Report& report_;
  Strings& strings_;
  Reader reader_;
  FileKeys files_;
  Draft draft_;
  std::vector<ServiceDraft> services_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  /// Hosts as the file has them, and what they are called here; those that differ.
  std::unordered_map<std::string, std::string> renamed_;
  std::vector<std::size_t> open_host_headers_;  ///< routes with service_when and no host_header
  int hints_left_ = 20;
};

}  // namespace devproxy
