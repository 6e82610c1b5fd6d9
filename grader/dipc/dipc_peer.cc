#include "grader/dipc/dipc_peer.h"

#include <charconv>
#include <optional>

#include "grader/dipc/daemons.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

// More than any check stores: a length beyond it is nonsense, not data to wait for.
constexpr std::uint64_t kMaxData = std::uint64_t{64} << 20;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string DipcPeer::ask(std::string_view line) {
  send(std::string(line) + "\n");
  return answer();
}

std::string DipcPeer::read(std::uint64_t mailbox) { return ask("r " + std::to_string(mailbox)); }

std::string DipcPeer::write(std::uint64_t mailbox, std::string_view data) {
  send(exact_write(mailbox, data));
  return answer();
}

void DipcPeer::require_answer(std::string_view line, std::string_view expected) {
  send(std::string(line) + "\n");
  require_next("`" + shortened(line) + "`", expected);
}

void DipcPeer::require_read(std::uint64_t mailbox, std::string_view data) {
  require_answer("r " + std::to_string(mailbox), holding(data));
}

void DipcPeer::require_write(std::uint64_t mailbox, std::string_view data) {
  send(exact_write(mailbox, data));
  require_next("a write of " + std::to_string(data.size()) + " bytes", "ok 0");
}

void DipcPeer::send(std::string_view bytes) { peer_->send_all(bytes, deadline()); }

std::string DipcPeer::answer() {
  try {
    std::string line = peer_->read_line(deadline());
    if (line.rfind("err ", 0) == 0) return line;
    const std::optional<std::uint64_t> length =
        line.rfind("ok ", 0) == 0 ? number_in(std::string_view(line).substr(3)) : std::nullopt;
    if (!length || *length > kMaxData) {
      fail("an answer begins with \"ok <length>\" or \"err <reason>\"", in_quotes(line));
    }
    return holding(peer_->read_exact(*length, deadline()));
  } catch (const Timeout&) {
    add_stacks_of_daemons();
    throw;
  }
}

void DipcPeer::require_next(const std::string& what, std::string_view expected) {
  try {
    require_same("the answer to " + what, answer(), expected);
  } catch (const Timeout&) {
    fail_hung("the answer to " + what + ": " + shortened(expected));
  } catch (const PeerError& error) {
    fail("the answer to " + what + ": " + shortened(expected), error.what());
  }
}

void DipcPeer::require_end(const std::string& when) {
  const std::string expected = "the server ends the connection " + when;
  try {
    const std::string rest = peer_->read_until_eof(deadline());
    if (!rest.empty()) fail(expected + ", and says nothing more", in_quotes(rest));
  } catch (const Timeout&) {
    add_stacks_of_daemons();
    fail_hung(expected);
  } catch (const PeerError& error) {
    fail(expected, error.what());
  }
}

void DipcPeer::require_clean_end(const std::string& when) {
  const std::string expected = "the server ends the connection in order " + when;
  try {
    if (peer_->wait_for_end(deadline()) == TcpPeer::End::kClosed) return;
    fail(expected, "the connection was broken off (a reset)");
  } catch (const Timeout&) {
    add_stacks_of_daemons();
    fail_hung(expected);
  }
}

std::string holding(std::string_view data) {
  std::string text = "ok " + std::to_string(data.size());
  if (!data.empty()) text.append(": ").append(data);
  return text;
}

std::string exact_write(std::uint64_t mailbox, std::string_view data) {
  return "w " + std::to_string(mailbox) + " " + std::to_string(data.size()) + "\n" +
         std::string(data);
}

std::string long_text(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += "byte " + std::to_string(text.size()) + ", ";
  text.resize(bytes);
  return text;
}

}  // namespace kit::dipc_lab
