// The proxy's figures: webproxy beside nginx's proxy_pass, and beside the origin itself.
//
// One nginx is the origin, which all proxies fetch the same files from. The other nginx is the
// proxy to compare with: a worker for each processor, no access log, proxy_buffering on as it
// comes. It is asked in two ways, each with a table of its own. With `proxy_pass` and nothing else,
// nginx makes a connection to the origin for each request. With what is mostly added to it
// (`keepalive`, HTTP/1.1), it keeps them, as libcurl does. webproxy runs with its 8 threads.
//
// Every client makes a connection for each request, since GETFILE knows no other way, and the time
// from connect() to the last byte is what is measured. The clients of nginx say "Connection:
// close".
//
// The last table is webproxy beside asking the origin without a proxy, in HTTP. Its ratio is the
// share of the origin's own speed that is left behind the proxy.
//
// What to expect: the origin, the proxy and the client share the processors, and nearly all of the
// time is the kernel's. A small file is the cost of a connection. A large one is the cost of
// copying: nginx sends what it buffered in small pieces, and writes to disk what its client has not
// read yet, while webproxy sends what it has read and only then reads on.
#include <cstdio>
#include <filesystem>

#include "grader/bench/compare.h"
#include "grader/bench/files.h"
#include "grader/bench/options.h"
#include "grader/bench/server.h"
#include "grader/harness/temp_folder.h"

namespace kit::bench {
namespace {

constexpr char kServer[] = "solutions/proxy/webproxy";
constexpr std::size_t kSizes[] = {1024, 100 * 1024, 10 * 1024 * 1024};

// Neither side ends a connection between the two because it has served for long.
constexpr char kKeep[] = "keepalive_requests 1000000;\n";

RunningServer start_origin(const std::string& folder) {
  const std::string files = folder + "/files";
  for (const std::size_t bytes : kSizes) make_file(files, bytes);
  const std::uint16_t port = find_free_port();
  return start_nginx(
      port, folder,
      std::string("sendfile on;\n") + kKeep + nginx_server(port, "root " + files + ";\n"));
}

// Two proxies in one nginx: one that keeps its connections to the origin, one with proxy_pass
// alone.
struct NginxProxy {
  RunningServer server;  // with the port of the first
  std::uint16_t bare_port = 0;
};

NginxProxy start_nginx_proxy(const std::string& folder, std::uint16_t origin) {
  std::filesystem::create_directories(folder);
  const std::uint16_t port = find_free_port();
  const std::uint16_t bare_port = find_free_port();
  const std::string address = "127.0.0.1:" + std::to_string(origin);
  const std::string upstream =
      "upstream origin {\nserver " + address + ";\nkeepalive 64;\n" + kKeep + "}\n";
  // HTTP/1.1 and no word about closing: otherwise nginx makes a new connection for each request.
  const std::string keeping = nginx_server(port,
                                           "location / {\nproxy_pass http://origin;\n"
                                           "proxy_http_version 1.1;\n"
                                           "proxy_set_header Connection \"\";\n}\n");
  const std::string bare =
      nginx_server(bare_port, "location / { proxy_pass http://" + address + "; }\n");
  return {start_nginx(port, folder, upstream + keeping + bare), bare_port};
}

class Bench {
 public:
  Bench(const Options& options, int stop_fd)
      : options_(options),
        stop_fd_(stop_fd),
        origin_(start_origin(folder_.path() + "/origin")),
        nginx_(start_nginx_proxy(folder_.path() + "/proxy", origin_.port)),
        webproxy_(
            start_lab_server("webproxy", {kServer, "--listen-port", "0", "--server",
                                          "http://127.0.0.1:" + std::to_string(origin_.port)})) {}

  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  ~Bench() {
    end_orderly(*nginx_.server.process);
    end_orderly(*origin_.process);
  }

  void run() {
    compare_with("beside nginx's proxy_pass alone", "nginx", nginx_.bare_port);
    compare_with("beside nginx's proxy_pass with keepalive to the origin", "nginx",
                 nginx_.server.port);
    compare_with("beside the origin, without a proxy", "origin", origin_.port);
  }

 private:
  void compare_with(const char* title, const char* name, std::uint16_t port) {
    std::printf("\n%s\n%s", title, table_head(name).c_str());
    for (const std::size_t bytes : kSizes) {
      const Operation theirs = http_get(port, bytes);
      for (const int connections : options_.connections) {
        Load our_load({webproxy_.port, {}, true}, connections, stop_fd_);
        Load their_load({port, {}, true}, connections, stop_fd_);
        show(label_of("GET", bytes, connections), {our_load, {getfile(bytes)}},
             {{their_load, {theirs}}}, options_.rounds);
      }
    }
  }

  const Options& options_;
  const int stop_fd_;
  const TempFolder folder_;  // before the servers, so that it goes after them
  const RunningServer origin_;
  const NginxProxy nginx_;
  const RunningServer webproxy_;
};

void run(const Options& options, int stop_fd) { Bench(options, stop_fd).run(); }

}  // namespace
}  // namespace kit::bench

int main(int argc, char** argv) {
  return kit::bench::run_bench(argc, argv, "proxy", kit::bench::run);
}
