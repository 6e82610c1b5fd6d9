#include "grader/proxy/getfile_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "grader/harness/quote.h"
#include "grader/harness/transcript.h"

namespace kit::proxy_lab {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// "GETFILE OK " and 20 digits are 31.
constexpr std::size_t kMaxHeader = 64;

// A pause between the pieces of a request, so that they arrive one by one.
constexpr int kPauseMs = 10;

UniqueFd connect_to_proxy(const Server& server, int receive_buffer_bytes, const std::string& host) {
  TcpOptions options;
  options.host = host;
  options.port = server.port;
  options.receive_buffer_bytes = receive_buffer_bytes;
  try {
    return box().connect(options, deadline());
  } catch (const std::system_error& error) {
    fail("a connection to " + server.process.name(), error.code().message());
  } catch (const Timeout&) {
    fail_hung("a connection to " + server.process.name());
  }
}

std::string bytes_of(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string header_of(const Content& content) {
  return "GETFILE OK " + std::to_string(content.size());
}

}  // namespace

std::string request_for(const std::string& path) { return "GETFILE GET " + path + "\r\n\r\n"; }

GetfileClient::GetfileClient(const Server& server, Wire wire, int receive_buffer_bytes,
                             const std::string& host)
    : peer_(connect_to_proxy(server, receive_buffer_bytes, host), server.process.name()),
      wire_(wire) {}

void GetfileClient::ask(const std::string& path) { send(request_for(path), "GET " + path); }

void GetfileClient::send(std::string_view bytes, const std::string& what) {
  what_ = in_quotes(what);
  try {
    peer_.send_all(bytes, deadline());
  } catch (const PeerReset&) {
    // The answer may be there all the same.
  }
}

void GetfileClient::send_bytewise(std::string_view bytes, const std::string& what) {
  what_ = in_quotes(what);
  peer_.send_bytewise(bytes, deadline());
}

void GetfileClient::send_pieces(const std::vector<std::string>& pieces, const std::string& what) {
  what_ = in_quotes(what);
  peer_.send_pieces(pieces, kPauseMs, deadline());
}

void GetfileClient::hurry(std::int64_t limit_ms) {
  const double here_ms = static_cast<double>(limit_ms) * slowness();
  deadline_ = deadline().but_at_most_ms(static_cast<std::int64_t>(here_ms));
}

void GetfileClient::require_file(const Content& content) {
  require_header(header_of(content));
  require_content(content, 0, content.size());
  require_end();
}

void GetfileClient::require_status(const std::string& status) {
  require_header("GETFILE " + status + (wire_ == Wire::kStock ? " 0" : ""));
  require_end();
}

void GetfileClient::require_cut_file(const Content& content, std::uint64_t sent) {
  require_header(header_of(content));
  const std::uint64_t came = read_rest(content, 0);
  if (came <= sent) return;
  fail("the connection ends after " + bytes_of(sent) +
           " of content at most: the origin has sent no more",
       bytes_of(came) + " of content");
}

void GetfileClient::require_no_answer() {
  const Got got = receive();
  if (got == Got::kTimeout) fail_late("the connection is closed");
  if (got == Got::kEnd) return;
  fail("the connection is closed, and nothing is said, after " + what_, in_quotes(buffer_));
}

bool GetfileClient::has_answer() const {
  pollfd entry = {peer_.fd(), POLLIN, 0};
  return !buffer_.empty() || ::poll(&entry, 1, 0) > 0;
}

std::string GetfileClient::read_header() {
  std::string header;
  while (!header_is_whole(header)) {
    if (buffer_.empty()) {
      const Got got = receive();
      if (got == Got::kTimeout) fail_late("an answer to " + what_);
      if (got == Got::kEnd) {
        fail("an answer to " + what_, header.empty()
                                          ? "the connection ended without one"
                                          : "the connection ended after " + in_quotes(header));
      }
    }
    header += buffer_.front();
    buffer_.erase(0, 1);
    if (header.size() > kMaxHeader)
      fail("an answer to " + what_ + " with a header of GETFILE", in_quotes(header));
  }
  while (header.ends_with(' ') || header.ends_with('\n') || header.ends_with('\r'))
    header.pop_back();
  return header;
}

// In the stock dialect one space ends the header of an OK, and a newline any other.
bool GetfileClient::header_is_whole(const std::string& header) const {
  if (wire_ == Wire::kDocumented) return header.ends_with("\r\n\r\n");
  const bool is_ok = header.starts_with("GETFILE OK ");
  return header.ends_with('\n') || (is_ok && std::count(header.begin(), header.end(), ' ') == 3);
}

void GetfileClient::require_header(const std::string& header) {
  require_equal("the answer to " + what_, in_quotes(read_header()), in_quotes(header));
}

void GetfileClient::require_content(const Content& content, std::uint64_t offset,
                                    std::uint64_t count) {
  const std::uint64_t end = offset + count;
  while (offset < end) {
    const Got got = buffer_.empty() ? receive() : Got::kData;
    if (got == Got::kTimeout) fail_late("all " + bytes_of(content.size()) + " of " + what_);
    if (got == Got::kEnd) {
      fail("all " + bytes_of(content.size()) + " of " + what_,
           "the connection ended after " + varies(std::to_string(offset)) + " of them");
    }
    const std::size_t taken =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), end - offset));
    require_right(content, offset, std::string_view(buffer_).substr(0, taken));
    offset += taken;
    buffer_.erase(0, taken);
  }
}

std::uint64_t GetfileClient::read_rest(const Content& content, std::uint64_t offset) {
  for (;;) {
    require_right(content, offset, buffer_);
    offset += buffer_.size();
    buffer_.clear();
    const Got got = receive();
    if (got == Got::kTimeout) fail_late("the connection ends");
    if (got == Got::kEnd) return offset;
  }
}

void GetfileClient::require_end() {
  const std::string expected = "the end of the connection after the answer to " + what_;
  const Got got = buffer_.empty() ? receive() : Got::kData;
  if (got == Got::kTimeout) fail_late(expected);
  if (got == Got::kData) fail(expected, "more bytes: " + in_quotes(buffer_));
}

// Appends what comes to the buffer.
GetfileClient::Got GetfileClient::receive() {
  std::array<char, kPiece> piece;
  for (;;) {
    const int left_ms = deadline_.remaining_ms();
    if (left_ms == 0) return Got::kTimeout;
    pollfd entry = {peer_.fd(), POLLIN, 0};
    if (::poll(&entry, 1, left_ms) <= 0) continue;
    const ssize_t count = ::recv(peer_.fd(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // A connection that was broken off has ended, too.
    if (count <= 0) return Got::kEnd;
    buffer_.append(piece.data(), static_cast<std::size_t>(count));
    return Got::kData;
  }
}

void GetfileClient::require_right(const Content& content, std::uint64_t offset,
                                  std::string_view got) const {
  const std::uint64_t room = offset < content.size() ? content.size() - offset : 0;
  const std::string_view inside =
      got.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, got.size())));
  if (const auto wrong = content.find_wrong(offset, inside)) {
    const std::string_view from_there = got.substr(static_cast<std::size_t>(*wrong - offset));
    const bool is_zeros = from_there.substr(0, 8) == std::string_view("\0\0\0\0\0\0\0\0", 8);
    fail("the content of " + what_ + " is that of the file",
         "from byte " + varies(std::to_string(*wrong)) + " on it is not" +
             (is_zeros ? ": there are zeros instead" : ""));
  }
  if (inside.size() < got.size()) {
    fail(bytes_of(content.size()) + " of " + what_ + ", as the header says",
         "more bytes behind them");
  }
}

void GetfileClient::fail_late(const std::string& what) const {
  const bool is_asked = what.find(what_) != std::string::npos;
  fail_hung(what + (is_asked ? "" : ", after " + what_));
}

void require_file(const Server& server, const std::string& path, const Content& content,
                  Wire wire) {
  GetfileClient client(server, wire);
  client.ask(path);
  client.require_file(content);
}

void require_status(const Server& server, const std::string& path, const std::string& status,
                    Wire wire) {
  GetfileClient client(server, wire);
  client.ask(path);
  client.require_status(status);
}

}  // namespace kit::proxy_lab
