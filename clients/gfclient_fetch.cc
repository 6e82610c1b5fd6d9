#include "clients/gfclient_fetch.h"

#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "clients/gfclient_reply.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/socket.h"

namespace gfclient {
namespace {

using support::Deadline;
using support::UniqueFd;

constexpr std::int64_t kConnectMs = 10'000;

// How long the server may send nothing. A proxy may itself wait a minute for its origin.
constexpr std::int64_t kSilenceMs = 75'000;

UniqueFd connect(const Options& options) {
  std::chrono::milliseconds pause(100);
  for (int attempt = 1;; ++attempt) {
    try {
      return support::connect_to(options.server, options.port, Deadline::after_ms(kConnectMs));
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::connection_refused || attempt == kMaxAttempts) throw;
    }
    // Nothing tells when the server will listen, so there is nothing to wait for but some time.
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

void send_request(int fd, const std::string& path) {
  std::string request = "GETFILE GET " + path + "\r\n\r\n";
  std::string_view rest = request;
  while (!rest.empty()) {
    iovec piece{const_cast<char*>(rest.data()), rest.size()};  // send_some() does not change it
    rest.remove_prefix(support::send_some(fd, std::span(&piece, 1)));
  }
}

// The next bytes from the server; empty at the end.
std::string_view receive(int fd, std::span<char> buffer) {
  std::optional<std::size_t> count =
      support::receive_some(fd, buffer, Deadline::after_ms(kSilenceMs));
  if (!count) throw std::runtime_error("the server has gone silent");
  return {buffer.data(), *count};
}

void expect_ok(const ReplyParser& reply) {
  if (reply.state() != ReplyParser::State::kComplete) {
    throw std::runtime_error("this is no GETFILE reply (is --wire right?)");
  }
  switch (reply.status()) {
    case gfs::Status::kOk:
      return;
    case gfs::Status::kFileNotFound:
      throw std::runtime_error("the server says FILE_NOT_FOUND");
    case gfs::Status::kError:
      throw std::runtime_error("the server says ERROR");
    case gfs::Status::kInvalid:
      throw std::runtime_error("the server says INVALID");
  }
}

std::runtime_error too_early(std::uint64_t left) {
  return std::runtime_error("the server closed the connection " + std::to_string(left) +
                            " bytes too early");
}

}  // namespace

void fetch(const Options& options, const std::string& path,
           const std::function<void(std::string_view)>& on_content) {
  UniqueFd fd = connect(options);
  send_request(fd.get(), path);
  std::array<char, 64 * 1024> buffer;
  std::string_view bytes;  // what was received and not used yet

  ReplyParser reply(options.wire);
  while (reply.state() == ReplyParser::State::kIncomplete) {
    bytes = receive(fd.get(), buffer);
    if (bytes.empty()) throw std::runtime_error("the server closed the connection without a reply");
    reply.feed(bytes);
  }
  expect_ok(reply);

  for (std::uint64_t left = reply.length(); left > 0 || !bytes.empty(); bytes = {}) {
    if (bytes.empty()) bytes = receive(fd.get(), buffer);
    if (bytes.empty()) throw too_early(left);
    if (bytes.size() > left) throw std::runtime_error("the server sent more than it announced");
    on_content(bytes);
    left -= bytes.size();
  }
}

}  // namespace gfclient
