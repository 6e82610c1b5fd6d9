#include "outbox.h"

#include "protocol.h"

namespace ring {
namespace {

// Below this a copy is cheaper than one more piece for the kernel to walk through.
constexpr std::size_t kCopyBelow = 4096;

iovec make_piece(std::string_view bytes) {
  // iovec serves reading as well as writing and so has no const; nobody writes through it here.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Outbox::add(std::string_view bytes) {
  text_ += bytes;
  size_ += bytes.size();
}

void Outbox::add_message(const MessagePtr& message) {
  add(format_message_header(*message));
  if (message->body.size() < kCopyBelow) {
    add(message->body);
  } else {
    bodies_.push_back({text_.size(), message});
    size_ += message->body.size();
  }
  add("\n");
}

void Outbox::flush() {
  if (size_ == 0) return;
  // The pieces are made only now: text_ may have moved in memory while it grew.
  std::string_view text(text_);
  std::size_t sent = 0;
  pieces_.clear();
  for (const Body& body : bodies_) {
    pieces_.push_back(make_piece(text.substr(sent, body.text_before - sent)));
    pieces_.push_back(make_piece(body.message->body));
    sent = body.text_before;
  }
  pieces_.push_back(make_piece(text.substr(sent)));
  stream_.write_all(pieces_);
  text_.clear();
  bodies_.clear();
  size_ = 0;
}

}  // namespace ring
