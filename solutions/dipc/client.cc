#include "client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"
#include "labs/support/socket.h"

namespace dipc {

//~ begin step 6: Connect. Functions of your own can stand here, too.
//~| Client::Client(const std::string& host, std::uint16_t port) {
//~|   (void)host;
//~|   (void)port;
//~|   throw std::logic_error("not implemented yet (step 6)");
//~| }
namespace {

using support::Deadline;

constexpr std::int64_t kConnectMs = 10'000;
constexpr std::int64_t kAnswerMs = 60'000;   // longer than a server waits for a lock
constexpr std::size_t kMaxStatusBytes = 64;  // of a server that speaks our language
constexpr char kBadRequest[] = "err bad-request\n";

// The next word of the line, which is taken off its front together with one space behind it.
std::string_view take_word(std::string_view& line) {
  std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

// Whether the server would take it for a number. It must: the bytes after the line of a write are
// data only if the line was understood.
bool is_number(std::string_view word) {
  constexpr std::size_t kMaxDigits = 20;
  return !word.empty() && word.size() <= kMaxDigits &&
         word.find_first_not_of("0123456789") == word.npos;
}

std::optional<std::size_t> parse_length(std::string_view digits) {
  std::size_t length = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, length);
  return error == std::errc() && stop == end ? std::optional(length) : std::nullopt;
}

}  // namespace

Client::Client(const std::string& host, std::uint16_t port)
    : stream_(std::make_unique<support::SocketStream>(
          support::connect_to(host, port, Deadline::after_ms(kConnectMs)))) {}
//~ end

Client::~Client() = default;

void Client::run(int input, int output) {
  //~ begin step 6: Line by line: ask the server, await its answer, print it.
  //~| (void)input;
  //~| (void)output;
  output_ = output;
  bool has_input = true;
  bool goes_on = true;
  while (goes_on && has_input) {
    has_input = read_input(input);
    // The last line may lack its end.
    if (!has_input && !input_.empty()) input_ += '\n';
    for (std::size_t size; goes_on && (size = input_.find('\n')) != input_.npos;) {
      std::string line = input_.substr(0, size);
      input_.erase(0, size + 1);
      goes_on = carry_out(line);
    }
  }
  stream_->write_all("q\n");
  //~ end
}

//~ begin step 6: The user's side.
// Reads what there is, at least a byte. False at the end of the input.
bool Client::read_input(int input) {
  std::array<char, 4096> buffer;
  for (;;) {
    ssize_t count = ::read(input, buffer.data(), buffer.size());
    if (count >= 0) {
      input_.append(buffer.data(), static_cast<std::size_t>(count));
      return count > 0;
    }
    if (errno != EINTR) support::throw_errno("read the input");
  }
}

// One command. False after quit.
bool Client::carry_out(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string_view rest = line;
  std::string_view command = take_word(rest);
  if (command == "quit") return false;
  std::string_view mailbox = take_word(rest);
  if (command == "read" && is_number(mailbox) && rest.empty()) {
    read(mailbox);
  } else if (command == "write" && is_number(mailbox)) {
    write(mailbox, rest);
  } else {
    print(kBadRequest);
  }
  return true;
}

void Client::print(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(output_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) support::throw_errno("write the output");
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}
//~ end

//~ begin step 6: The server's side.
void Client::read(std::string_view mailbox) {
  stream_->write_all("r " + std::string(mailbox) + "\n");
  Deadline deadline = Deadline::after_ms(kAnswerMs);
  std::optional<std::size_t> length = receive_status(deadline);
  if (!length) return;
  while (received_.size() < *length) receive_more(deadline);
  print(received_.substr(0, *length) + "\n");
  received_.erase(0, *length);
}

void Client::write(std::string_view mailbox, std::string_view text) {
  // With its length, so that the end of the text does not depend on when which part of it arrives.
  std::string request = "w " + std::string(mailbox) + " " + std::to_string(text.size()) + "\n";
  stream_->write_all(request.append(text));
  if (receive_status(Deadline::after_ms(kAnswerMs))) print("ok\n");
}

// Receives a status line: the length of what follows it, or nothing when the server has refused,
// which is printed then.
std::optional<std::size_t> Client::receive_status(Deadline deadline) {
  constexpr std::string_view kOk = "ok ";
  std::string line = receive_line(deadline);
  if (line.starts_with("err ")) {
    print(line + "\n");
    return std::nullopt;
  }
  std::optional<std::size_t> length;
  if (line.starts_with(kOk)) length = parse_length(std::string_view(line).substr(kOk.size()));
  if (!length) throw std::runtime_error("this is not a DIPC server");
  return length;
}

std::string Client::receive_line(Deadline deadline) {
  std::size_t size;
  while ((size = received_.find('\n')) == received_.npos) {
    if (received_.size() > kMaxStatusBytes) throw std::runtime_error("this is not a DIPC server");
    receive_more(deadline);
  }
  std::string line = received_.substr(0, size);
  received_.erase(0, size + 1);
  return line;
}

void Client::receive_more(Deadline deadline) {
  std::array<char, 16 * 1024> buffer;
  std::optional<std::size_t> count = stream_->read_some(buffer, deadline);
  if (!count) throw std::runtime_error("the server does not answer");
  if (*count == 0) throw std::runtime_error("the server has closed the connection");
  received_.append(buffer.data(), *count);
}
//~ end

}  // namespace dipc
