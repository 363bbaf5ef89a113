// What `domains` may name: the CA's key may sign for everything below, so nothing that belongs to
// the public.
#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// Top-level domains of the public, besides those of two letters. The ones that somebody could
/// mean: the whole list has 1,400 names and changes every month.
constexpr std::array<std::string_view, 60> public_tops = {
    "academy", "agency", "aero",   "app",    "arpa", "art",    "asia", "bank",   "biz",    "blog",
    "box",     "cafe",   "cat",    "cloud",  "club", "com",    "coop", "day",    "design", "dev",
    "digital", "edu",    "email",  "expert", "foo",  "global", "gov",  "group",  "host",   "info",
    "int",     "jobs",   "link",   "live",   "mil",  "mobi",   "mov",  "museum", "name",   "net",
    "network", "news",   "online", "org",    "page", "post",   "pro",  "shop",   "site",   "space",
    "store",   "studio", "tech",   "tel",    "top",  "travel", "web",  "wiki",   "xyz",    "zip"};

/// Below these everybody gets a name.
constexpr std::array<std::string_view, 18> public_platforms = {
    "cloudfront.net", "deno.dev",  "firebaseapp.com", "fly.dev",        "github.io", "gitlab.io",
    "herokuapp.com",  "loca.lt",   "netlify.app",     "ngrok-free.app", "ngrok.app", "ngrok.io",
    "onrender.com",   "pages.dev", "r2.dev",          "vercel.app",     "web.app",   "workers.dev"};

/// "co.uk", "com.au": what stands below a country and is handed out by it.
constexpr std::array<std::string_view, 14> public_seconds = {
    "ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "mil", "ne", "net", "nom", "or", "org"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_public(std::string_view domain) {
  const std::vector<std::string_view> labels = split(domain, '.');
  const std::string_view top = labels.back();
  if (labels.size() == 1) {
    return top.size() == 2 || top.starts_with("xn--") || contains(public_tops, top);
  }
  if (labels.size() > 2) return false;
  return contains(public_platforms, domain) ||
         (top.size() == 2 && contains(public_seconds, labels.front()));
}

}  // namespace

Valued<std::string> parse_domain(std::string_view text) {
  const std::string quoted = in_quotes(text);
  if (text.empty()) return complain("the domain is empty", "write a name like \"shop.test\"");
  if (text.starts_with("*.") && text.size() > 2) {
    return complain("the domain " + quoted + " holds a wildcard",
                    "a domain stands for all names below it: write " + in_quotes(text.substr(2)));
  }
  if (text.front() == '.' || text.back() == '.') {
    std::string_view inner = text;
    while (inner.starts_with('.')) inner.remove_prefix(1);
    while (inner.ends_with('.')) inner.remove_suffix(1);
    return complain(
        "the domain " + quoted + " begins or ends with a dot",
        inner.empty() ? "write a name like \"shop.test\"" : "write " + in_quotes(inner));
  }
  if (text.find_first_of(":/[]") != std::string_view::npos || !canonical_address(text).empty()) {
    return complain("the domain " + quoted + " is not a name",
                    "write a name without scheme, port and path; loopback addresses are always "
                    "covered");
  }
  std::string domain = lower(text);
  for (const std::string_view label : split(domain, '.')) {
    if (is_label(label)) continue;
    return complain("the domain " + quoted + " is not a DNS name",
                    "write labels of letters, digits and inner hyphens, at most 63 each, with one "
                    "dot between them");
  }
  if (domain.size() > name_max) {
    return complain("the domain is " + std::to_string(domain.size()) + " letters long",
                    "a name has at most 253");
  }
  if (is_public(domain)) {
    return complain("the domain " + quoted +
                        " belongs to the public: the local CA could sign for everybody's sites",
                    "name your own part of it, like " + in_quotes("shop." + domain) +
                        ", or a name that never leaves this machine, like \"shop.test\"");
  }
  return domain;
}

}  // namespace devproxy
