// The command line of simplecached.
//
// Errors: support::UsageError for an argument that cannot be right.
#ifndef PROXY_CACHE_SIMPLECACHED_ARGUMENTS_H_
#define PROXY_CACHE_SIMPLECACHED_ARGUMENTS_H_

#include <cstdint>
#include <string>

#include "cache_server.h"

namespace proxy_cache {

struct SimplecachedArguments {
  std::string index = "locals.txt";
  CacheServerOptions server;
  std::uint64_t budget_bytes = 64 * 1024 * 1024;
  std::string instance = "default";
  bool help = false;
};

SimplecachedArguments parse_simplecached_arguments(int argc, char** argv);

// What --help prints.
extern const char kSimplecachedUsage[];

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SIMPLECACHED_ARGUMENTS_H_
