#include "router/service_when.h"

#include "base/text.h"

namespace devproxy {
namespace {

/// The part of `text` before the next `separator`; takes both off.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// Whether `sent`, form-encoded, is `plain`.
bool decodes_to(std::string_view sent, std::string_view plain) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < sent.size(); ++i, ++at) {
    char c = sent[i] == '+' ? ' ' : sent[i];
    if (c == '%' && i + 2 < sent.size()) {
      const int high = hex_value(sent[i + 1]);
      const int low = hex_value(sent[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    if (at == plain.size() || plain[at] != c) return false;
  }
  return at == plain.size();
}

/// RFC 6265 5.4: "a=1; b=2". A part without "=" has no name.
std::optional<std::string_view> cookie_in(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const std::string_view part = take_part(line, ';');
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && trim(part.substr(0, equals)) == name)
      return trim(part.substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<std::string_view> cookie(const FieldLookup& fields, std::string_view name) {
  for (std::size_t i = 0;; ++i) {
    const auto line = fields.field("cookie", i);
    if (!line) return std::nullopt;
    if (const auto value = cookie_in(*line, name)) return value;
  }
}

std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view part = take_part(query, '&');
    const std::size_t equals = part.find('=');
    if (!decodes_to(part.substr(0, equals), name)) continue;
    return equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> sent_value(const ServiceWhen& when, const Lookup& lookup) {
  if (when.in == WhenIn::query) return parameter(lookup.query, when.name);
  if (lookup.fields == nullptr) return std::nullopt;
  if (when.in == WhenIn::header) return lookup.fields->field(when.name, 0);
  return cookie(*lookup.fields, when.name);
}

bool is_met(const ServiceWhen& when, const Lookup& lookup) {
  const auto sent = sent_value(when, lookup);
  if (!sent || !when.value) return sent.has_value();
  if (when.in == WhenIn::query) return decodes_to(*sent, *when.value);
  const bool is_quoted =
      when.in == WhenIn::cookie && sent->size() > 1 && sent->front() == '"' && sent->back() == '"';
  return (is_quoted ? sent->substr(1, sent->size() - 2) : *sent) == *when.value;
}

std::optional<std::size_t> chosen_of(const RouteRule& rule, const Lookup& lookup) {
  for (std::size_t i = 0; i < rule.service_when.size(); ++i) {
    if (is_met(rule.service_when[i], lookup)) return i;
  }
  return std::nullopt;
}

}  // namespace devproxy
