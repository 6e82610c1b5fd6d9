#include "grader/harness/keyboard.h"

#include <optional>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit {

Process& start_typed(const std::string& program, std::vector<std::string> args, std::uint16_t port,
                     StartOptions options) {
  std::string command = program;
  for (const std::string& arg : args) {
    command += ' ' + (arg == std::to_string(port) ? varies(arg) : arg);
  }
  did("started " + command);
  return box().start(program, std::move(args), std::move(options));
}

void type(Process& program, const std::string& text) {
  did("typed " + in_quotes(text));
  if (program.write_in(text, deadline())) return;
  // Nobody reads any more. If it is about to end, or has, that is what comes next: a moment later
  // the text would have been taken in, and not been read either.
  if (!program.wait(deadline())) fail_hung(program.name() + " reads its standard input");
}

void end_input(Process& program) {
  did("closed its standard input, as Ctrl-D does");
  program.close_in();
}

bool watch_output(Process& program, const std::string& wanted,
                  const std::function<bool(bool has_ended)>& is_enough) {
  do {
    const bool was_running = program.running();
    static_cast<void>(program.wait_for_out(wanted, deadline().but_at_most_ms(kLookMs)));
    if (!was_running) program.kill();  // takes in what is left of its output
    if (is_enough(!was_running)) return true;
  } while (!deadline().expired());
  return false;
}

Exit wait_for_exit(Process& program, const std::string& expected) {
  const std::optional<Exit> exit = program.wait(deadline());
  if (!exit) fail_hung(expected);
  program.kill();  // it has ended; this takes in what is left of its output
  return *exit;
}

}  // namespace kit
