// The servers that are measured: child processes of this one, on loopback.
//
// Ownership: a Process ends its server when it goes away. Should this program be killed before it
// can do so, the kernel ends the server (prctl(2), PR_SET_PDEATHSIG).
// Errors: std::runtime_error when a server does not start.
#ifndef GRADER_BENCH_SERVER_H_
#define GRADER_BENCH_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "grader/harness/process.h"

namespace kit::bench {

struct RunningServer {
  std::unique_ptr<Process> process;
  std::uint16_t port = 0;
};

// Starts a lab's server, which must print "listening on <port>".
RunningServer start_lab_server(const std::string& name, std::vector<std::string> argv);

// Starts a Redis that keeps nothing on disk. Empty (no process) when Redis is not installed.
RunningServer start_redis();

// Starts a memcached with one thread a processor. Empty when it is not installed.
RunningServer start_memcached();

}  // namespace kit::bench

#endif  // GRADER_BENCH_SERVER_H_
