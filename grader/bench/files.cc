#include "grader/bench/files.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_peer.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

// "GETFILE OK <length>\r", an empty line, and the file.
std::size_t getfile_body_after(std::string_view line) {
  constexpr std::string_view kOk = "GETFILE OK ";
  if (!line.starts_with(kOk) || !line.ends_with('\r')) throw_unexpected(line);
  line.remove_suffix(1);
  return 2 + parse_length(line.substr(kOk.size()), line);
}

std::string http_request(std::size_t bytes) {
  return "GET " + path_of(bytes) + " HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n";
}

// How long all that follows the first line is: it is asked for once. A server's headers have the
// same length each time, so the generator need not parse them.
std::size_t learn_rest_bytes(std::uint16_t port, std::size_t bytes) {
  const Deadline deadline = Deadline::after_ms(kPatienceMs);
  TcpPeer peer(connect_tcp({.port = port}, deadline), "nginx");
  peer.send_all(http_request(bytes), deadline);
  const std::string answer = peer.read_until_eof(deadline);
  const std::size_t line_end = answer.find('\n');
  const std::size_t header_end = answer.find("\r\n\r\n");
  if (header_end == answer.npos || answer.size() - header_end - 4 != bytes) {
    throw_unexpected(answer);
  }
  return answer.size() - line_end - 1;
}

}  // namespace

std::string path_of(std::size_t bytes) { return "/" + std::to_string(bytes); }

void make_file(const std::string& folder, std::size_t bytes) {
  std::filesystem::create_directories(folder);
  std::ofstream file(folder + path_of(bytes), std::ios::binary);
  if (!(file << std::string(bytes, 'x')).flush()) {
    throw std::runtime_error("cannot write " + folder + path_of(bytes));
  }
}

Operation getfile(std::size_t bytes) {
  return {"GETFILE GET " + path_of(bytes) + "\r\n\r\n", 1, 2 + bytes, getfile_body_after};
}

Operation http_get(std::uint16_t port, std::size_t bytes) {
  const std::size_t rest_bytes = learn_rest_bytes(port, bytes);
  return {http_request(bytes), 1, rest_bytes, [rest_bytes](std::string_view line) {
            if (line != "HTTP/1.1 200 OK\r") throw_unexpected(line);
            return rest_bytes;
          }};
}

}  // namespace kit::bench
