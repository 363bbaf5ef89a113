// Builds a Config out of the merged tree, reporting every value that cannot be used. What check.cc
// needs beyond the Config (places with their lengths) stands beside it in a Draft. One thread at a
// time.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/file_keys.h"
#include "config/layers.h"
#include "config/reader.h"

namespace devproxy {

struct Draft {
  Config config;
  // Each of the same size and order as the list in `config` that it belongs to.
  std::vector<Where> target_at;  ///< the values of port, url, redirect
  std::vector<Where> route_at;
  std::vector<Where> tcp_at;
  std::vector<Where> listen_at;
  std::vector<Where> tls_at;       ///< the services' tls, "nowhere" for those without
  std::vector<std::string> files;  ///< that the configuration names: certificates, keys, CAs
};

/// Everything in one run; the Draft is worth using only when nothing was reported.
Draft build(const Node& root, const std::string& main_file, const Layers& layers,
            const Sources& sources, Report& report, Strings& strings);

// build_proxy.cc
void build_proxy(const Member* proxy, Reader& reader, FileKeys& files, const Sources& sources,
                 Report& report, Draft& draft);

}  // namespace devproxy
