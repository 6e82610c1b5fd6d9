// Nginx: a real HTTP server for a program of the subject to fetch from, with a folder of files of
// its own.
//
//     Nginx nginx;
//     nginx.add_file("a", Content(1000));
//     const Server proxy = start_server("webproxy", {"-p", "0", "-s", nginx.url()});
//
// It runs as whoever runs the check, in the foreground, with one worker, on a free port of
// 127.0.0.1. The port is bound here and handed over, so that nobody can take it in between.
//
// Ownership: owns the process, which is killed by the destructor, and the folder.
// Thread-safety: for the check's thread.
// Errors: when nginx cannot be run, the check ends and is not gradable.
// Source: nginx.org/en/docs; the variable NGINX, by which it takes over sockets when it is
// replaced.
#ifndef GRADER_HARNESS_NGINX_H_
#define GRADER_HARNESS_NGINX_H_

#include <cstdint>
#include <memory>
#include <string>

#include "grader/harness/content.h"
#include "grader/harness/fd.h"
#include "grader/harness/process.h"
#include "grader/harness/temp_folder.h"

namespace kit {

class Nginx {
 public:
  // It has no files. What begins with /forbidden/, /gone/ or /broken/ is answered by 403, 410, 500.
  Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  std::string url() const;

  // Makes a file; a '/' in the name makes folders.
  void add_file(const std::string& name, const Content& content);

  // Kills it, as a crash would: connections to its port are then refused.
  void kill();
  // Starts it again, on the same port.
  void restart();

 private:
  void write_configuration() const;
  UniqueFd listen_again() const;
  void start(int listener);

  TempFolder folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_NGINX_H_
