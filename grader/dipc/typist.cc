#include "grader/dipc/typist.h"

#include <exception>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/keyboard.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

// How long it may take to end when that is not what is checked.
constexpr int kGraceMs = 1000;

}  // namespace

Typist::Typist(std::uint16_t port, StartOptions options)
    : Typist({"--host", "127.0.0.1", "--port", std::to_string(port)}, port, std::move(options)) {}

Typist::Typist(const std::vector<std::string>& args, std::uint16_t port, StartOptions options) {
  are_reads_short_ = options.env.contains("KIT_SHORT_IO");
  client_ = &start_typed("dipc_client", args, port, std::move(options));
}

Typist::~Typist() {
  if (std::uncaught_exceptions() > 0) return;  // the box ends it
  client_->close_in();
  static_cast<void>(client_->wait(Deadline::after_ms(static_cast<int>(kGraceMs * slowness()))));
}

void Typist::type(const std::string& text) { kit::type(*client_, text); }

void Typist::end_input() { kit::end_input(*client_); }

void Typist::expect(const std::string& text) {
  expected_ += text;
  const bool is_printed = watch_output(*client_, expected_, [this](bool has_ended) {
    if (client_->out() == expected_) return true;
    require_printed(has_ended);
    return false;
  });
  if (is_printed) return;
  did("dipc_client has printed so far: " + in_quotes(client_->out()));
  fail_hung("dipc_client prints " + in_quotes(expected_));
}

// So far what it printed is the beginning of what is expected.
void Typist::require_printed(bool has_ended) {
  const std::string out = client_->out();
  if (!expected_.starts_with(out)) {
    const std::size_t at = first_difference(out, expected_);
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

void Typist::expect_end() {
  const std::string expected = "dipc_client ends with exit status 0";
  const Exit exit = wait_for_exit(*client_, expected);
  require(exit.clean(), expected, "it ended with " + render(exit));
  require_same("what dipc_client printed", client_->out(), expected_);
}

void Typist::expect_told_failure(const std::string& what_happened) {
  const std::string expected =
      "dipc_client says so on standard error and ends with a status that is not 0, since " +
      what_happened;
  const Exit exit = wait_for_exit(*client_, expected);
  const bool is_told = !client_->err().empty();
  if (exit.signal == 0 && exit.status != 0 && is_told) return;
  fail(expected,
       "it ended with " + render(exit) + (is_told ? "" : ", and said nothing on standard error"));
}

}  // namespace kit::dipc_lab
