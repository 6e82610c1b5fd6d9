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

// Starts another program of a lab, and waits for its line `ready`.
std::unique_ptr<Process> start_lab_program(const std::string& name, std::vector<std::string> argv,
                                           const std::string& ready);

// Starts a Redis that keeps nothing on disk. Empty (no process) when Redis is not installed.
RunningServer start_redis();

// Starts a memcached with one thread a processor. Empty when it is not installed.
RunningServer start_memcached();

// Starts an nginx with one worker a processor. `servers` goes into the http section of its
// configuration, and must listen on `port`. It keeps all it has in `folder`, which must outlive it.
// Throws std::runtime_error when it is not installed.
RunningServer start_nginx(std::uint16_t port, const std::string& folder,
                          const std::string& servers);

// Starts a Varnish that keeps what it fetched from `origin` in memory, and all else in `folder`.
// Its headers have the same length each time. Empty when it is not installed.
RunningServer start_varnish(const std::string& folder, std::uint16_t origin);

// Ends a server by SIGTERM, for those that have workers or objects to clear up.
void end_orderly(Process& process);

// One server of an nginx's configuration.
std::string nginx_server(std::uint16_t port, const std::string& content);

// A port of 127.0.0.1 that is free at this moment, for servers that take no port 0 for "any".
std::uint16_t find_free_port();

}  // namespace kit::bench

#endif  // GRADER_BENCH_SERVER_H_
