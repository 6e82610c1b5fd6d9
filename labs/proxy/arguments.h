// The command line of webproxy.
//
// Errors: support::UsageError for an argument that cannot be right.
#ifndef PROXY_ARGUMENTS_H_
#define PROXY_ARGUMENTS_H_

#include <cstddef>

#include "labs/support/gfserver/server.h"
#include "origin.h"

namespace proxy {

struct Arguments {
  gfs::ServerOptions server;
  OriginOptions origin;
  std::size_t threads = 8;
  bool help = false;
};

Arguments parse_arguments(int argc, char** argv);

// What --help prints.
extern const char kUsage[];

}  // namespace proxy

#endif  // PROXY_ARGUMENTS_H_
