// Calls on a RingBuffer. Setup: the capacity.
//
//   push AUTHOR BODY        the sequence number
//   latest COUNT            the messages, "1 ann one | 2 bob two", or "(none)"
//   hold COUNT, held        the messages that latest() gave to hold, looked at now
//   update SEQ AUTHOR BODY, remove SEQ AUTHOR    "done", "gone", "no-such-message", "not-author"
//   construct CAPACITY      "made", or what the constructor threw
#include "grader/harness/probe.h"
#include "ring_buffer.h"

namespace {

using Messages = std::vector<ring::MessagePtr>;

std::string show(const Messages& messages) {
  std::string out;
  for (const ring::MessagePtr& message : messages) {
    if (!out.empty()) out += " | ";
    if (message == nullptr) {
      out += "(a null pointer)";
    } else {
      out += std::to_string(message->sequence) + ' ' + message->author + ' ' + message->body;
    }
  }
  return out.empty() ? "(none)" : out;
}

std::string show(ring::Edit edit) {
  switch (edit) {
    case ring::Edit::kDone:
      return "done";
    case ring::Edit::kGone:
      return "gone";
    case ring::Edit::kNoSuchMessage:
      return "no-such-message";
    case ring::Edit::kNotAuthor:
      return "not-author";
  }
  return "no value of Edit";
}

class RingAdapter : public kit::Adapter {
 public:
  explicit RingAdapter(std::size_t capacity) : ring_(capacity) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "push") return std::to_string(ring_.push(args.at(0), args.at(1)));
    if (name == "latest") return show(ring_.latest(std::stoull(args.at(0))));
    if (name == "hold") return show(held_ = ring_.latest(std::stoull(args.at(0))));
    if (name == "held") return show(held_);
    if (name == "update")
      return show(ring_.update(std::stoull(args.at(0)), args.at(1), args.at(2)));
    if (name == "remove") return show(ring_.remove(std::stoull(args.at(0)), args.at(1)));
    if (name == "construct") {
      ring::RingBuffer other(std::stoull(args.at(0)));
      return "made";
    }
    throw kit::UnknownCall{name};
  }

 private:
  ring::RingBuffer ring_;
  Messages held_;  // for scenarios of one thread
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<RingAdapter>(std::stoull(setup.at(0)));
}
