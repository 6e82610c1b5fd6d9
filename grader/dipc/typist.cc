#include "grader/dipc/typist.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "grader/dipc/dipc_peer.h"
#include "grader/harness/check.h"

namespace kit::dipc_lab {
namespace {

// How often it is looked whether a program that is waited for has ended meanwhile.
constexpr int kLookMs = 20;

// How long it may take to end when that is not what is checked.
constexpr int kGraceMs = 1000;

// From a little before the first difference on.
std::string shown_from(const std::string& text, std::size_t at) {
  constexpr std::size_t kBefore = 40;
  constexpr std::size_t kShown = 120;
  const std::size_t begin = at > kBefore ? at - kBefore : 0;
  const std::string out = in_quotes(text.substr(begin, kShown));
  return begin == 0 ? out : "from byte " + std::to_string(begin) + " on: " + out;
}

}  // namespace

Typist::Typist(std::uint16_t port, StartOptions options)
    : Typist({"--host", "127.0.0.1", "--port", std::to_string(port)}, port, std::move(options)) {}

Typist::Typist(const std::vector<std::string>& args, std::uint16_t port, StartOptions options) {
  std::string command = "dipc_client";
  for (const std::string& arg : args) {
    command += ' ' + (arg == std::to_string(port) ? varies(arg) : arg);
  }
  did("started " + command);
  are_reads_short_ = options.env.contains("KIT_SHORT_IO");
  client_ = &box().start("dipc_client", args, std::move(options));
}

Typist::~Typist() {
  if (std::uncaught_exceptions() > 0) return;  // the box ends it
  client_->close_in();
  static_cast<void>(client_->wait(Deadline::after_ms(static_cast<int>(kGraceMs * slowness()))));
}

void Typist::type(const std::string& text) {
  did("typed " + in_quotes(text));
  if (client_->write_in(text, deadline())) return;
  // Nobody reads any more: it is about to end, or has.
  const std::optional<Exit> exit = client_->wait(deadline());
  if (!exit) fail_hung("dipc_client reads its standard input");
  fail("dipc_client reads its standard input", "it had ended, with " + render(*exit));
}

void Typist::end_input() {
  did("closed its standard input, as Ctrl-D does");
  client_->close_in();
}

void Typist::expect(const std::string& text) {
  expected_ += text;
  do {
    const bool was_running = client_->running();
    client_->wait_for_out(expected_, deadline().but_at_most_ms(kLookMs));
    if (!was_running) client_->kill();  // takes in what is left of its output
    if (client_->out() == expected_) return;
    require_printed(!was_running);
  } while (!deadline().expired());
  did("dipc_client has printed so far: " + in_quotes(client_->out()));
  fail_hung("dipc_client prints " + in_quotes(expected_));
}

// So far what it printed is the beginning of what is expected.
void Typist::require_printed(bool has_ended) {
  const std::string out = client_->out();
  if (!expected_.starts_with(out)) {
    const auto [a, b] = std::mismatch(out.begin(), out.end(), expected_.begin(), expected_.end());
    const std::size_t at = static_cast<std::size_t>(a - out.begin());
    const auto shown = [&](const std::string& text) {
      return are_reads_short_ ? varies(shown_from(text, at)) : shown_from(text, at);
    };
    fail("dipc_client prints " + shown(expected_), "it printed " + shown(out));
  }
  if (!has_ended) return;
  fail("dipc_client prints " + in_quotes(expected_), "it ended with " +
                                                         render(*client_->wait(deadline())) +
                                                         ", and had printed " + in_quotes(out));
}

Exit Typist::wait_for_exit(const std::string& expected) {
  const std::optional<Exit> exit = client_->wait(deadline());
  if (!exit) fail_hung(expected);
  client_->kill();  // it has ended; this takes in what is left of its output
  return *exit;
}

void Typist::expect_end() {
  const std::string expected = "dipc_client ends with exit status 0";
  const Exit exit = wait_for_exit(expected);
  require(exit.clean(), expected, "it ended with " + render(exit));
  require_same("what dipc_client printed", client_->out(), expected_);
}

void Typist::expect_told_failure(const std::string& what_happened) {
  const std::string expected =
      "dipc_client says so on standard error and ends with a status that is not 0, since " +
      what_happened;
  const Exit exit = wait_for_exit(expected);
  const bool is_told = !client_->err().empty();
  if (exit.signal == 0 && exit.status != 0 && is_told) return;
  fail(expected,
       "it ended with " + render(exit) + (is_told ? "" : ", and said nothing on standard error"));
}

}  // namespace kit::dipc_lab
