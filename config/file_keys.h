// FileKeys reads the keys whose value is a file of the user's: certificates, their keys, CA
// bundles. It looks whether each can be read and remembers it, so that the watcher sees it change;
// what is in it is certs/' business. One for each load; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/reader.h"

namespace devproxy {

class FileKeys final {
 public:
  /// `incomplete`: a layer could not be read, so nothing may be called missing.
  FileKeys(Reader& reader, const Sources& sources, Report& report, bool incomplete)
      : reader_(reader), sources_(sources), report_(report), incomplete_(incomplete) {}
  FileKeys(const FileKeys&) = delete;
  FileKeys& operator=(const FileKeys&) = delete;

  // Each gives nothing when the key is absent (null), or after a problem was reported.

  /// The absolute path; a relative one counts from the file of the configuration that names it.
  std::optional<std::string> path(const Member* member);
  /// The same for a string or a list; `what` is the kind of file, for hints: "a PEM file".
  std::vector<std::string> paths(const Member* member, std::string_view what);
  /// An absolute path of a folder that is there.
  std::optional<std::string> folder(const Member* member);
  /// The absolute path of something that may not be there yet.
  std::optional<std::string> future_path(const Member* member, std::string_view what);
  /// `tls = { cert, key }`.
  std::optional<CertificateFiles> certificate(const Member* tls);

  /// Every path that was looked at, each once.
  std::vector<std::string> take_files() { return std::move(files_); }

 private:
  std::optional<std::string> absolute(const Text& text, std::string_view key,
                                      std::string_view what);
  std::optional<std::string> readable(const Text& text, std::string_view key,
                                      std::string_view what);

  Reader& reader_;
  const Sources& sources_;
  Report& report_;
  bool incomplete_;
  std::vector<std::string> files_;
};

}  // namespace devproxy
