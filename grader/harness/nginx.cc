#include "grader/harness/nginx.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/nginx_config.h"
#include "grader/harness/poll.h"
#include "grader/harness/tcp_socket.h"

namespace kit {
namespace {

constexpr std::size_t kPiece = 1 << 20;

}  // namespace

Nginx::Nginx() {
  if (access(kNginxProgram, X_OK) != 0) {
    fail_not_gradable(std::string("there is no ") + kNginxProgram + " here: run grader/setup");
  }
  std::filesystem::create_directory(folder_.path() + "/files");
  const UniqueFd listener = box().listen({});
  port_ = local_port(listener.get());
  note_varying(std::to_string(port_));
  write_configuration();
  start(listener.get());
}

void Nginx::write_configuration() const {
  const std::string http =
      "default_type application/octet-stream;\n"
      "keepalive_requests 1000000;\n"
      "server {\n"
      "listen 127.0.0.1:" +
      std::to_string(port_) + ";\nroot " + folder_.path() +
      "/files;\n"
      "location /forbidden/ { return 403; }\n"
      "location /gone/ { return 410; }\n"
      "location /broken/ { return 500; }\n"
      "}\n";
  std::ofstream file(folder_.path() + "/nginx.conf");
  file << nginx_configuration(folder_.path(), 1, http);
  if (!file.flush()) fail_not_gradable("cannot write the configuration of nginx");
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
UniqueFd Nginx::listen_again() const {
  TcpOptions options;
  options.port = port_;
  UniqueFd listener;
  const bool is_free = poll_until(deadline(), [&] {
    try {
      listener = box().listen(options);
      return true;
    } catch (const std::system_error& error) {
      if (error.code().value() != EADDRINUSE) throw;
      return false;
    }
  });
  if (!is_free) fail_not_gradable("the port of a killed nginx is not free again");
  return listener;
}

void Nginx::start(int listener) {
  Launch launch;
  launch.name = "nginx";
  launch.argv = nginx_command(folder_.path());
  launch.env = {{"PATH", "/usr/bin:/bin"}, {"NGINX", std::to_string(listener) + ";"}};
  launch.folder = folder_.path();
  launch.inherited_fds = {listener};
  process_ = std::make_unique<Process>(std::move(launch));
}

}  // namespace kit
