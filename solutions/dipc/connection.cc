#include "connection.h"

#include <exception>
#include <optional>
#include <span>
#include <variant>

#include "labs/support/deadline.h"

namespace dipc {

//~ begin step 4: Keep what you were given. Functions of your own can stand here, too.
//~| Connection::Connection(support::Stream& stream, Mailboxes& mailboxes,
//~|                        const ConnectionOptions& options) {
//~|   (void)stream;
//~|   (void)mailboxes;
//~|   (void)options;
//~| }
namespace {

using support::Deadline;
using Wait = DatagramParser::Wait;

// When a client sends requests and does not read the replies: so much is collected, then sent.
constexpr std::size_t kFlushBytes = 64 * 1024;

// How long a client may take to close its side after the end of ours.
constexpr std::int64_t kLingerMs = 500;

}  // namespace

Connection::Connection(support::Stream& stream, Mailboxes& mailboxes,
                       const ConnectionOptions& options)
    : stream_(stream), mailboxes_(mailboxes), options_(options), parser_(options.packet_bytes) {}
//~ end

void Connection::run() noexcept {
  //~ begin step 4: Request after request until one side ends it. An exception means that the client
  //~   has gone; it must not leave this function, or it ends the whole server.
  try {
    converse();
    stream_.linger(Deadline::after_ms(kLingerMs));
  } catch (const std::exception&) {
    // The client broke off, or memory is short. This connection ends; the others go on.
  }
  //~ end
}

void Connection::stop() noexcept {
  //~ begin step 4: Wake the connection's thread if it waits for the client, and let it finish what
  //~   it does if not: a reply that is cut off in the middle is worse than none.
  // While it receives, it sends nothing, so this cuts nothing off. The client sees the end and
  // closes, and that wakes the thread.
  if (state_.exchange(State::kStopped) == State::kReceiving) stream_.end_writing();
  //~ end
}

//~ begin step 4: The parts of the conversation.
void Connection::converse() {
  do {
    while (std::optional<Request> request = parser_.next()) {
      bool goes_on = std::visit([this](const auto& kind) { return answer(kind); }, *request);
      if (!goes_on || replies_.size() >= kFlushBytes) replies_.flush(stream_);
      if (!goes_on) return;
    }
    // All that has come is answered. Send it before waiting: the client may wait for it.
    replies_.flush(stream_);
  } while (!client_has_ended_ && receive());
}

// Waits for something to happen, and tells the parser. False when the server ends.
bool Connection::receive() {
  Wait wait = parser_.waits_for();
  Deadline deadline = Deadline::never();
  if (wait == Wait::kPause) deadline = Deadline::after_ms(options_.pause_ms);
  if (wait == Wait::kData) deadline = Deadline::after_ms(options_.data_timeout_ms);

  State expected = State::kBusy;
  if (!state_.compare_exchange_strong(expected, State::kReceiving)) return false;
  std::optional<std::size_t> count = stream_.read_some(parser_.space(), deadline);
  expected = State::kReceiving;
  // When this fails, the client has been told the end already, and cannot be answered any more.
  if (!state_.compare_exchange_strong(expected, State::kBusy)) return false;

  if (count) parser_.received(*count);
  client_has_ended_ = count == 0;
  if (client_has_ended_) parser_.on_end();
  if (!count && wait == Wait::kPause) parser_.on_pause();
  if (!count && wait == Wait::kData) parser_.on_data_timeout();
  return true;
}

bool Connection::answer(const Read& request) {
  if (std::optional<Reason> reason = mailboxes_.read(request.mailbox, replies_)) {
    replies_.add(format_error(*reason));
  }
  return true;
}

bool Connection::answer(const Write& request) {
  std::optional<Reason> reason = mailboxes_.write(request.mailbox, request.data);
  replies_.add(reason ? format_error(*reason) : format_ok(0));
  return true;
}

bool Connection::answer(const Quit&) { return false; }

bool Connection::answer(const Bad& request) {
  replies_.add(format_error(request.reason));
  return true;
}
//~ end

}  // namespace dipc
