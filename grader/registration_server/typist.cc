#include "grader/registration_server/typist.h"

#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/keyboard.h"
#include "grader/harness/poll.h"
#include "grader/harness/quote.h"

namespace kit::registration_lab {
namespace {

constexpr char kProgram[] = "registration_client";

std::vector<std::string> with_instance(const std::string& instance,
                                       const std::vector<std::string>& args) {
  std::vector<std::string> all = {"--instance", instance};
  all.insert(all.end(), args.begin(), args.end());
  return all;
}

bool is_key(const std::string& text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Typist::Typist(const std::string& instance, const std::string& name)
    : Typist(instance, std::vector<std::string>{"--name", name}) {}

Typist::Typist(const std::string& instance, const std::vector<std::string>& args)
    : process_(&start_typed(kProgram, with_instance(instance, args), 0)) {}

void Typist::type(const std::string& text) { kit::type(*process_, text); }

void Typist::end_input() { kit::end_input(*process_); }

std::string Typist::read_line() {
  std::string out;
  bool has_ended = false;
  const auto has_line = [&] {
    const bool was_running = process_->running();
    if (!was_running) process_->kill();  // takes in what is left of its output
    out = process_->out();
    has_ended = !was_running;
    return has_ended || out.find('\n', read_bytes_) != std::string::npos;
  };
  const bool is_there = poll_until(deadline(), has_line);
  if (!is_there) fail_hung("registration_client prints a line");
  const std::size_t end = out.find('\n', read_bytes_);
  if (end == std::string::npos) {
    fail("registration_client prints a line",
         "it ended with " + render(*process_->wait(deadline())) + ", and said " +
             in_quotes(shortened(process_->err())));
  }
  const std::size_t begin = std::exchange(read_bytes_, end + 1);
  return out.substr(begin, end - begin);
}

void Typist::expect_line(const std::string& line) {
  require_same("the next line of registration_client", read_line(), line);
}

std::string Typist::read_key() {
  const std::string key = read_line();
  require(is_key(key), "a key, 16 hexadecimal digits, as the first line",
          in_quotes(shortened(key)));
  note_varying(key);
  return key;
}

void Typist::ask(const std::string& command, const std::string& answer) {
  type(command + "\n");
  require_same("the answer to " + in_quotes(shortened(command)), read_line(), answer);
}

void Typist::expect_exit(int status) {
  const std::string expected = render(Exit{status, 0});
  const Exit exit = wait_for_exit(*process_, "registration_client ends with " + expected);
  require_equal("how registration_client ends", render(exit), expected);
  require_same("what it printed last", process_->out().substr(read_bytes_), "");
}

}  // namespace kit::registration_lab
