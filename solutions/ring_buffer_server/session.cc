#include "session.h"

#include <exception>
#include <string_view>
#include <utility>
#include <variant>

namespace ring {

//~ begin step 4: Keep what you were given. Functions of your own can stand here, too.
//~| Session::Session(support::Stream& stream, Guests::Seat seat, Shared& shared,
//~|                  const SessionOptions& options) {
//~|   (void)stream;
//~|   (void)seat;
//~|   (void)shared;
//~|   (void)options;
//~| }
namespace {

// When a client sends commands and does not read the replies: so much is collected, then sent.
constexpr std::size_t kFlushBytes = 256 * 1024;

// How long a client may take to close its end after the last reply.
constexpr std::int64_t kLingerMs = 500;

}  // namespace

Session::Session(support::Stream& stream, Guests::Seat seat, Shared& shared,
                 const SessionOptions& options)
    : stream_(stream),
      seat_(std::move(seat)),
      shared_(shared),
      options_(options),
      parser_(options.max_message),
      outbox_(stream) {}
//~ end

void Session::run() noexcept {
  //~ begin step 4: The handshake, and then command after command until one side ends it. An
  //~   exception means that the peer has gone; it must not leave this function, or it ends the
  //~   whole server.
  try {
    support::Deadline deadline = support::Deadline::after_ms(options_.handshake_timeout_ms);
    stream_.open(deadline);
    std::string denial = judge_client(deadline);
    if (denial.empty()) {
      outbox_.add("WELCOME " + std::to_string(++shared_.welcomed) + "\n");
      converse();
    } else {
      outbox_.add("DENIED " + denial + "\n");
      say_goodbye();
    }
  } catch (const std::exception&) {
    // The peer has gone, or memory is short. This connection ends; the others go on.
  }
  seat_.leave();
  //~ end
}

//~ begin step 4: The parts of the conversation.
// The handshake. Returns why the client is denied, or nothing when it may come in.
std::string Session::judge_client(support::Deadline deadline) {
  Handshake handshake(options_.secret);
  stream_.write_all(handshake.greeting());
  if (!seat_) return "full";
  std::optional<std::string> line;
  while (!(line = parser_.next_line())) {
    if (parser_.line_too_long()) return "bad-hello";
    std::optional<std::size_t> count = receive(deadline);
    if (!count || deadline.has_passed()) return "timeout";
    if (*count == 0) return "bad-hello";  // the end of the stream, half-way through the line
  }
  HelloResult hello = handshake.hello(*line);
  if (!hello.denial.empty()) return hello.denial;
  if (!seat_.take_name(hello.name)) return "name-taken";
  name_ = hello.name;
  return "";
}

void Session::converse() {
  do {
    while (std::optional<Command> command = parser_.next()) {
      bool goes_on = std::visit([this](auto& kind) { return answer(kind); }, *command);
      if (!goes_on) return say_goodbye();
      flush_if_large();
    }
    if (parser_.broken()) return say_goodbye();
    // All that has come is answered. Send it before waiting: the client may wait for it.
    outbox_.flush();
  } while (receive(support::Deadline::never()).value_or(0) > 0);
}

void Session::say_goodbye() {
  // First the seat, then the last words: who has read them may come back at once.
  seat_.leave();
  outbox_.flush();
  stream_.linger(support::Deadline::after_ms(kLingerMs));
}

// Reads what the client sends, a large body straight to where it is wanted.
std::optional<std::size_t> Session::receive(support::Deadline deadline) {
  std::span<char> body = parser_.body_space();
  std::optional<std::size_t> count = stream_.read_some(body.empty() ? buffer_ : body, deadline);
  if (!count) return count;
  if (body.empty()) {
    parser_.feed(std::string_view(buffer_.data(), *count));
  } else {
    parser_.body_received(*count);
  }
  return count;
}

void Session::flush_if_large() {
  if (outbox_.size() >= kFlushBytes) outbox_.flush();
}

bool Session::answer(Set& command) {
  outbox_.add(format_ok(shared_.ring.push(name_, std::move(command.body))));
  return true;
}

bool Session::answer(const Get& command) {
  std::vector<MessagePtr> newest = shared_.ring.latest(command.count.value_or(1));
  if (command.count) {
    outbox_.add("LIST " + std::to_string(newest.size()) + "\n");
  } else if (newest.empty()) {
    outbox_.add("EMPTY\n");
  }
  for (const MessagePtr& message : newest) {
    outbox_.add_message(message);
    flush_if_large();
  }
  return true;
}

bool Session::answer(const Quit&) {
  outbox_.add("BYE\n");
  return false;
}

bool Session::answer(const Bad& command) {
  outbox_.add(format_error(command.reason));
  return true;
}
//~ end

//~ begin step 6: The answers to UPDATE and DELETE.
bool Session::answer(Update& command) {
  Edit result = shared_.ring.update(command.sequence, name_, std::move(command.body));
  add_edit_reply(command.sequence, result);
  return true;
}

bool Session::answer(const Delete& command) {
  add_edit_reply(command.sequence, shared_.ring.remove(command.sequence, name_));
  return true;
}

void Session::add_edit_reply(std::uint64_t sequence, Edit result) {
  switch (result) {
    case Edit::kDone:
      return outbox_.add(format_ok(sequence));
    case Edit::kGone:
      return outbox_.add(format_error("gone"));
    case Edit::kNoSuchMessage:
      return outbox_.add(format_error("no-such-message"));
    case Edit::kNotAuthor:
      return outbox_.add(format_error("not-author"));
  }
}
//~ end

}  // namespace ring
