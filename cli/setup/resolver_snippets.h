// The files that make a system's resolver ask devproxy's DNS responder for its domains, and nobody
// else for those: for `hosts print --dns`, and for whoever installs them. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace devproxy {

struct ResolverSnippet {
  std::string system;  ///< whose file it is, in words
  std::string path;
  std::string text;  ///< the whole file
  std::string then;  ///< the command that makes it take effect
};

/// Systems ask nobody about names below localhost, or know them already: `domains` without it, and
/// with test.
std::vector<std::string> domains_for_dns(const std::vector<std::string>& domains);

/// One for each kind of resolver; macOS has a file for each domain.
std::vector<ResolverSnippet> resolver_snippets(const std::vector<std::string>& domains,
                                               std::uint16_t port);

}  // namespace devproxy
