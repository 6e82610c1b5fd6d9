// Calls on a Parser, and the reply functions. Setup: max_message.
//
//   feed BYTES              the commands that are there then: "SET(hi); GET; GET 3; ERR too-long",
//                           "(nothing yet)"; with "; broken" behind when the parser gave up
//   feed_each BYTES SIZE    the same, fed in pieces of SIZE bytes
//   feed_often BYTES N      the same, BYTES fed N times; then how many KiB of memory that took:
//                           "little" (below 1 MiB) or the number
//   feed_own BYTES SIZE     feed_each on a parser of the call's own, as each connection has one
//   line BYTES              next_line(): "line(HELLO ann)", "(no line)" or "(line too long)"
//   ok N, error REASON, header SEQ AUTHOR BODY, newest SEQ AUTHOR BODY..., list SEQ AUTHOR BODY...
#include <malloc.h>

#include <algorithm>
#include <type_traits>

#include "grader/harness/probe.h"
#include "protocol.h"

namespace {

struct Show {
  std::string operator()(const ring::Set& set) const { return "SET(" + set.body + ")"; }
  std::string operator()(const ring::Get& get) const {
    return get.count ? "GET " + std::to_string(*get.count) : "GET";
  }
  std::string operator()(const ring::Update& update) const {
    return "UPDATE " + std::to_string(update.sequence) + "(" + update.body + ")";
  }
  std::string operator()(const ring::Delete& del) const {
    return "DELETE " + std::to_string(del.sequence);
  }
  std::string operator()(const ring::Quit&) const { return "QUIT"; }
  std::string operator()(const ring::Bad& bad) const { return "ERR " + bad.reason; }
};

std::vector<ring::MessagePtr> messages_of(const kit::Words& args) {
  std::vector<ring::MessagePtr> messages;
  for (std::size_t i = 0; i + 2 < args.size(); i += 3) {
    messages.push_back(std::make_shared<ring::Message>(
        ring::Message{std::stoull(args[i]), args[i + 1], args[i + 2]}));
  }
  return messages;
}

class ParserAdapter : public kit::Adapter {
 public:
  explicit ParserAdapter(std::size_t max_message)
      : max_message_(max_message), parser_(max_message) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "feed") return feed(args.at(0), args.at(0).size());
    if (name == "feed_each") return feed(args.at(0), std::stoull(args.at(1)));
    if (name == "feed_own") return ParserAdapter(max_message_).call("feed_each", args);
    if (name == "feed_often") return feed_often(args.at(0), std::stoull(args.at(1)));
    if (name == "line") return line(args.at(0));
    if (name == "ok") return ring::format_ok(std::stoull(args.at(0)));
    if (name == "error") return ring::format_error(args.at(0));
    if (name == "header") return ring::format_message_header(*messages_of(args).at(0));
    if (name == "newest") return ring::format_newest(messages_of(args));
    if (name == "list") return ring::format_list(messages_of(args));
    throw kit::UnknownCall{name};
  }

 private:
  std::string feed(std::string_view bytes, std::size_t piece) {
    std::string out;
    do {
      parser_.feed(bytes.substr(0, piece));
      bytes.remove_prefix(std::min(piece, bytes.size()));
      take_commands(out);
    } while (!bytes.empty());
    if (out.empty()) out = "(nothing yet)";
    return out + (parser_.broken() ? "; broken" : "");
  }

  std::string feed_often(std::string_view bytes, std::size_t times) {
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
      parser_.feed(bytes);
      take_commands(out);
    }
    const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    const std::size_t grown_kib = after > before ? (after - before) / 1024 : 0;
    return out + ", memory: " + (grown_kib < 1024 ? "little" : std::to_string(grown_kib) + " KiB");
  }

  void take_commands(std::string& out) {
    while (std::optional<ring::Command> command = parser_.next()) {
      out += (out.empty() ? "" : "; ") + std::visit(Show(), *command);
    }
  }

  std::string line(std::string_view bytes) {
    parser_.feed(bytes);
    if (std::optional<std::string> line = parser_.next_line()) return "line(" + *line + ")";
    return parser_.line_too_long() ? "(line too long)" : "(no line)";
  }

  const std::size_t max_message_;
  ring::Parser parser_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<ParserAdapter>(std::stoull(setup.at(0)));
}
