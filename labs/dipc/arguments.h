// The command line of dipc.
//
// Errors: support::UsageError that names the argument which cannot be right.
#ifndef DIPC_ARGUMENTS_H_
#define DIPC_ARGUMENTS_H_

#include <string>

#include "server.h"

namespace dipc {

struct Arguments {
  ServerOptions server;
  bool foreground = false;
  std::string log_file;  // empty: the system's log, or standard error in the foreground
  bool help = false;
};

extern const char kUsage[];

Arguments parse_arguments(int argc, char** argv);

}  // namespace dipc

#endif  // DIPC_ARGUMENTS_H_
