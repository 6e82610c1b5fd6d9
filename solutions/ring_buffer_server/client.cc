#include "client.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <thread>
#include <utility>

#include "handshake.h"
#include "labs/support/error.h"
#include "labs/support/options.h"
#include "labs/support/socket.h"
#include "tls.h"

namespace ring {

//~ begin step 5: Connect and do the handshake. Functions of your own can stand here, too.
//~| Client::Client(const ClientOptions& options) {
//~|   (void)options;
//~|   throw std::logic_error("not implemented yet (step 5)");
//~| }
namespace {

using support::Deadline;

constexpr std::int64_t kStartMs = 10'000;    // for connecting and the handshake
constexpr std::int64_t kGoodbyeMs = 10'000;  // for the server to go on with its replies after QUIT
constexpr std::size_t kMaxHandshakeLine = 256;

std::unique_ptr<support::Stream> connect(const ClientOptions& options, Deadline deadline) {
  support::UniqueFd fd = support::connect_to(options.host, options.port, deadline);
  if (options.tls_ca.empty()) return std::make_unique<support::SocketStream>(std::move(fd));
  TlsContext trusted = TlsContext::for_client(options.tls_ca);
  return std::make_unique<TlsStream>(trusted, std::move(fd), options.host);
}

support::UniqueFd make_eventfd() {
  support::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) support::throw_errno("eventfd");
  return fd;
}

// The number that `digits` begins with the whole of, or 0.
std::uint64_t to_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stop == end ? number : 0;
}

// Reads from a descriptor that is no socket. 0 is the end of the input.
std::size_t read_input(int fd, std::span<char> buffer) {
  for (;;) {
    ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) support::throw_errno("read the input");
  }
}

void write_output(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) support::throw_errno("write the output");
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

Client::Client(const ClientOptions& options)
    : ended_fd_(make_eventfd()),
      commands_([this](std::string_view line) { return take_command(line); },
                [this](std::string_view bytes) { to_send_ += bytes; }),
      replies_([this](std::string_view line) { return take_reply(line); },
               [this](std::string_view bytes) { unprinted_ += bytes; }) {
  if (!is_valid_name(options.name)) {
    throw support::UsageError("--name: '" + options.name +
                              "' is not 1 to 32 letters, digits, '_', '-' or '.'");
  }
  Deadline deadline = Deadline::after_ms(kStartMs);
  stream_ = connect(options, deadline);
  stream_->open(deadline);
  shake_hands(options, deadline);
}
//~ end

Client::~Client() = default;

void Client::run(int input, int output) {
  //~ begin step 5: Start the reader, send until the input ends or the reader does, and bring both
  //~   to an end: no thread may be left, on whatever way run() is left.
  //~| (void)input;
  //~| (void)output;
  std::thread reader(&Client::print_replies, this, output);
  std::string trouble;
  try {
    send_commands(input);
    await_goodbye();
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  stream_->shutdown();
  reader.join();
  // The reader knows best: it may have read why the writer could not go on.
  if (said_goodbye_) return;
  if (!failure_.empty()) throw std::runtime_error(failure_);
  throw std::runtime_error("the server has gone" + (trouble.empty() ? "" : " (" + trouble + ")"));
  //~ end
}

//~ begin step 5: The handshake.
// A line without its end. What comes after it is kept for the reader.
std::string Client::receive_line(Deadline deadline) {
  std::array<char, 1024> buffer;
  std::size_t end;
  while ((end = unprinted_.find('\n')) == unprinted_.npos) {
    if (unprinted_.size() > kMaxHandshakeLine) throw std::runtime_error("not a ring server");
    std::optional<std::size_t> count = stream_->read_some(buffer, deadline);
    if (!count) throw std::runtime_error("the server does not answer");
    if (*count == 0) throw std::runtime_error("the server closed the connection");
    unprinted_.append(buffer.data(), *count);
  }
  std::string line = unprinted_.substr(0, end);
  unprinted_.erase(0, end + 1);
  return line;
}

void Client::shake_hands(const ClientOptions& options, Deadline deadline) {
  constexpr std::string_view kGreeting = "RING/1 ";
  std::string greeting = receive_line(deadline);
  if (!greeting.starts_with(kGreeting)) throw std::runtime_error("not a ring server");
  std::string hello = "HELLO " + options.name;
  if (options.secret) {
    hello += " " + make_proof(*options.secret, greeting.substr(kGreeting.size()));
  }
  try {
    stream_->write_all(hello + "\n");
  } catch (const std::exception&) {
    // A server that is full does not wait for our name. Its answer is there all the same.
  }
  std::string answer = receive_line(deadline);
  if (!answer.starts_with("WELCOME ")) throw std::runtime_error("the server says: " + answer);
  unprinted_.insert(0, answer + "\n");
}
//~ end

//~ begin step 5: The writer.
// Returns when the user has finished, or when the reader has ended.
void Client::send_commands(int input) {
  std::array<char, 16 * 1024> buffer;
  while (!quitting_) {
    std::array<pollfd, 2> events{{{input, POLLIN, 0}, {ended_fd_.get(), POLLIN, 0}}};
    if (::poll(events.data(), events.size(), -1) < 0) {
      if (errno == EINTR) continue;
      support::throw_errno("poll");
    }
    if (events[1].revents != 0) return;
    std::size_t count = read_input(input, buffer);
    if (count == 0) return end_input();
    commands_.feed(std::string_view(buffer.data(), count));
    stream_->write_all(to_send_);
    to_send_.clear();
  }
}

// One line of the user's. Returns how many bytes after it are no commands.
std::uint64_t Client::take_command(std::string_view line) {
  constexpr std::string_view kSetBinary = "SETB ";
  if (quitting_) return 0;  // what comes after `quit` is not sent
  quitting_ = line == "quit" || line == "QUIT";
  to_send_ += quitting_ ? "QUIT" : line;
  to_send_ += '\n';
  return line.starts_with(kSetBinary) ? to_number(line.substr(kSetBinary.size())) : 0;
}

// The input has ended without `quit`.
void Client::end_input() {
  if (commands_.in_line()) commands_.feed("\n");
  if (commands_.in_body()) {
    // A QUIT would be taken for a part of the body. The end of the stream cannot be misunderstood;
    // a server that finds it here closes without a word.
    half_body_ = true;  // before the reader can find the end that follows from it
    stream_->write_all(to_send_);
    stream_->end_writing();
  } else {
    commands_.feed("QUIT\n");
    stream_->write_all(to_send_);
  }
}

// Waits for the reader to end. As long as replies come, it may take as long as it likes.
void Client::await_goodbye() {
  std::uint64_t before;
  do {
    before = received_;
    if (support::wait_for(ended_fd_.get(), POLLIN, Deadline::after_ms(kGoodbyeMs))) return;
  } while (received_ != before);
}
//~ end

//~ begin step 5: The reader.
void Client::print_replies(int output) noexcept {
  std::array<char, 64 * 1024> buffer;
  try {
    print(output, std::exchange(unprinted_, std::string()));
    while (std::size_t count = stream_->read_some(buffer).value_or(0)) {
      print(output, std::string_view(buffer.data(), count));
      ++received_;
    }
    if (half_body_) said_goodbye_ = true;
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
  // The writer may be waiting for input, or for the server to take what it sends.
  stream_->shutdown();
  static_cast<void>(::eventfd_write(ended_fd_.get(), 1));
}

void Client::print(int output, std::string_view bytes) {
  replies_.feed(bytes);
  write_output(output, unprinted_);
  unprinted_.clear();
}

// One line of the server's. Returns how many bytes after it are no replies: a body, and its
// newline.
std::uint64_t Client::take_reply(std::string_view line) {
  unprinted_.append(line) += '\n';
  if (line == "BYE") said_goodbye_ = true;
  if (!line.starts_with("MSG ")) return 0;
  return to_number(line.substr(line.rfind(' ') + 1)) + 1;
}
//~ end

}  // namespace ring
