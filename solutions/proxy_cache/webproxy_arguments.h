// The command line of webproxy.
//
// Errors: support::UsageError for an argument that cannot be right.
#ifndef PROXY_CACHE_WEBPROXY_ARGUMENTS_H_
#define PROXY_CACHE_WEBPROXY_ARGUMENTS_H_

#include <cstddef>
#include <string>

#include "board.h"
#include "labs/support/gfserver/server.h"

namespace proxy_cache {

struct WebproxyArguments {
  gfs::ServerOptions server;
  Shape shape;
  std::size_t threads = 8;
  std::string origin = "https://raw.githubusercontent.com/gt-cs6200/image_data";
  bool read_through = false;
  std::string instance = "default";
  bool help = false;
};

WebproxyArguments parse_webproxy_arguments(int argc, char** argv);

// What --help prints.
extern const char kWebproxyUsage[];

}  // namespace proxy_cache

#endif  // PROXY_CACHE_WEBPROXY_ARGUMENTS_H_
