#include "console.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "keys.h"
#include "labs/support/error.h"
#include "texts.h"

namespace registration {

//~ begin step 5: Functions of your own can stand here.
namespace {

support::Deadline answer_deadline() { return support::Deadline::after_ms(Console::kAnswerMs); }

// The next word of the line, which is taken off its front together with one space behind it.
std::string_view take_word(std::string_view& line) {
  std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

}  // namespace
//~ end

bool Console::read_line(std::FILE* input, std::string& line) {
  char* buffer = nullptr;
  std::size_t room = 0;
  ssize_t count;
  do {
    std::clearerr(input);
    count = ::getline(&buffer, &room, input);
  } while (count < 0 && std::ferror(input) != 0 && errno == EINTR);
  if (count >= 0) line.assign(buffer, static_cast<std::size_t>(count));
  std::free(buffer);
  if (line.ends_with('\n')) line.pop_back();
  return count >= 0;
}

void Console::print_line(std::FILE* output, std::string_view line) {
  std::size_t written = std::fwrite(line.data(), 1, line.size(), output);
  if (written < line.size() || std::fputc('\n', output) == EOF || std::fflush(output) == EOF) {
    support::throw_errno("write the output");
  }
}

Outcome Console::run() {
  //~ begin step 5: Line by line: ask the server, await its answer, print it. The end of the input is
  //~   a command, too.
  //~| return Outcome::kNoAnswer;
  std::string line;
  while (!is_over_) {
    Client::Reply reply = read_line(input_, line) ? carry_out(line) : unregister();
    if (reply.outcome == Outcome::kServerGone) answer_ = "server-gone";
    if (reply.outcome == Outcome::kNoAnswer) answer_ = "no-answer";
    bool is_refused = reply.outcome == Outcome::kAnswered && !reply.is_ok();
    print_line(output_, is_refused ? status_text(reply.status) : answer_);
    if (reply.outcome != Outcome::kAnswered) return reply.outcome;
  }
  return Outcome::kAnswered;
  //~ end
}

//~ begin step 5: The commands. Each sets the line that goes with a kOk.
Client::Reply Console::carry_out(std::string_view line) {
  answer_ = "ok";
  std::string_view arguments = line;
  std::string_view command = take_word(arguments);
  if (command == "send") return send(arguments);
  if (line == "receive") return receive();
  if (line == "list") return list();
  if (line == "stats") return stats();
  if (line == "unregister") return unregister();
  answer_ = "bad-command";  // no business of the server's
  return {Outcome::kAnswered, wire::Status::kOk};
}

// A key that is none becomes kNoKey, and the server says that there is no such client. The text is
// what is behind the key and one space, to the byte.
Client::Reply Console::send(std::string_view arguments) {
  wire::Key to = parse_key(take_word(arguments));
  return client_.send(to, arguments, answer_deadline());
}

Client::Reply Console::receive() {
  Client::Reply reply = client_.ask(wire::Action::kReceive, answer_deadline());
  if (!reply.is_ok()) return reply;
  const wire::CommResponse& response = client_.response();
  std::size_t bytes = std::min<std::size_t>(response.text_bytes, sizeof response.text);
  answer_ = "message " + wire::key_text(response.from) + " " + response.from_name + " " +
            std::string(response.text, bytes);
  return reply;
}

Client::Reply Console::list() {
  Client::Reply reply = client_.ask(wire::Action::kList, answer_deadline());
  if (!reply.is_ok()) return reply;
  const wire::CommResponse& response = client_.response();
  std::size_t listed = std::min<std::size_t>(response.listed, wire::kMaxClients);
  answer_ = "clients " + std::to_string(listed);
  for (std::size_t i = 0; i < listed; ++i) {
    const wire::ListEntry& entry = response.entries[i];
    answer_ += std::string(" ") + entry.name + "=" + wire::key_text(entry.key);
  }
  return reply;
}

Client::Reply Console::stats() {
  Client::Reply reply = client_.ask(wire::Action::kStats, answer_deadline());
  if (!reply.is_ok()) return reply;
  const wire::Stats& stats = client_.response().stats;
  answer_ = "stats requests=" + std::to_string(stats.requests) +
            " total=" + std::to_string(stats.total_requests) +
            " clients=" + std::to_string(stats.clients) +
            " waiting=" + std::to_string(stats.waiting);
  return reply;
}

Client::Reply Console::unregister() {
  answer_ = "ok";
  is_over_ = true;
  return client_.unregister(answer_deadline());
}
//~ end

}  // namespace registration
