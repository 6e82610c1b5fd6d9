#include "grader/proxy/nginx.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/tcp_socket.h"

namespace kit::proxy_lab {
namespace {

constexpr char kProgram[] = "/usr/sbin/nginx";
constexpr std::size_t kPiece = 1 << 20;

// Debian's nginx has folders of root's as defaults; here all of them lie in `folder`.
std::string configuration(const std::string& folder, std::uint16_t port) {
  std::string text =
      "daemon off;\n"
      "user root;\n"  // the worker of a root's nginx could not read the files; of no meaning for
                      // others
      "error_log stderr;\n"
      "pid " +
      folder +
      "/nginx.pid;\n"
      "events { worker_connections 1024; }\n"
      "http {\n"
      "  access_log off;\n"
      "  default_type application/octet-stream;\n"
      "  keepalive_requests 1000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += "  " + std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
  }
  return text +
         "  server {\n"
         "    listen 127.0.0.1:" +
         std::to_string(port) +
         ";\n"
         "    root " +
         folder +
         "/files;\n"
         "    location /forbidden/ { return 403; }\n"
         "    location /gone/ { return 410; }\n"
         "    location /broken/ { return 500; }\n"
         "  }\n"
         "}\n";
}

}  // namespace

Nginx::Nginx() {
  if (access(kProgram, X_OK) != 0) {
    fail_not_gradable(std::string("there is no ") + kProgram + " here: run grader/setup");
  }
  std::filesystem::create_directory(folder_.path() + "/files");
  const UniqueFd listener = box().listen({});
  port_ = local_port(listener.get());
  note_varying(std::to_string(port_));
  std::ofstream file(folder_.path() + "/nginx.conf");
  file << configuration(folder_.path(), port_);
  if (!file.flush()) fail_not_gradable("cannot write the configuration of nginx");
  file.close();
  start(listener.get());
}

std::string Nginx::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void Nginx::add_file(const std::string& name, const Content& content) {
  const std::filesystem::path path = folder_.path() + "/files/" + name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  for (std::uint64_t offset = 0; offset < content.size(); offset += kPiece) {
    file << content.bytes(offset, kPiece);
  }
  if (!file.flush()) fail_not_gradable("cannot write " + path.string());
}

void Nginx::kill() { process_->kill(); }

void Nginx::restart() { start(listen_again().get()); }

// The worker ends a moment after the process that was waited for, and until then has the port.
UniqueFd Nginx::listen_again() {
  constexpr int kLookAgainUs = 2000;
  TcpOptions options;
  options.port = port_;
  for (;;) {
    try {
      return box().listen(options);
    } catch (const std::system_error& error) {
      if (error.code().value() != EADDRINUSE || deadline().expired()) throw;
      static_cast<void>(usleep(kLookAgainUs));
    }
  }
}

void Nginx::start(int listener) {
  Launch launch;
  launch.name = "nginx";
  launch.argv = {
      kProgram, "-e", "stderr", "-p", folder_.path(), "-c", folder_.path() + "/nginx.conf"};
  launch.env = {{"PATH", "/usr/bin:/bin"}, {"NGINX", std::to_string(listener) + ";"}};
  launch.folder = folder_.path();
  launch.inherited_fds = {listener};
  process_ = std::make_unique<Process>(std::move(launch));
}

}  // namespace kit::proxy_lab
