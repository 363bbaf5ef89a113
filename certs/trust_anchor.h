// An Anchor is a CA of ours as trust stores know it: a PEM file, and what tells it from every other
// certificate. The folder <state>/trusted remembers each that was ever put into a store, so that
// `untrust` can take it back even when the CA itself has been replaced. Values; any thread.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

struct Anchor {
  std::string path;    ///< the PEM file
  std::string name;    ///< its CN, unique to it: the nickname in NSS
  std::string base64;  ///< the certificate itself, as between the lines of a PEM file
  std::string sha256;  ///< of the DER form: lower-case hexadecimal digits
  std::string sha1;    ///< what keychains and Windows call it by
  std::time_t not_before = 0;
  std::time_t not_after = 0;

  std::string short_id() const { return sha256.substr(0, 8); }
  /// What it is called where a store wants a file or an alias: "devproxy-1a2b3c4d".
  std::string alias() const { return "devproxy-" + short_id(); }
};

/// Code::missing when there is no such file.
Result<Anchor> read_anchor(const std::string& path);

/// The certificates of a text that may hold other things as well, each as base64 without spaces.
std::vector<std::string> certificates_in(std::string_view text);
bool holds(std::string_view text, const Anchor& anchor);

/// Everything in <state>/trusted that can be read.
std::vector<Anchor> remembered_anchors(const std::string& state);
/// Whether the CA that stands in `state` was put into a store and not taken back since. Reads
/// files only: nothing of OpenSSL is started.
bool is_remembered(const std::string& state);
Result<void> remember(const std::string& state, const Anchor& anchor);
void forget(const std::string& state, const Anchor& anchor);

}  // namespace devproxy
