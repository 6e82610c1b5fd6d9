// Plays webproxy for simplecached: the proxy's side of an instance, without clients. Setup:
// INSTANCE SEGMENTS SEGMENT_BYTES.
//
//   find             "a cache", or "none"
//   get KEY          what the cache has: "100 bytes, 83f0...", a hash of them; "missing", "failed",
//                    "no cache"; "cut after 40 bytes"
//   hold KEY         the header and the first chunk, and keeps the rest waiting: "100 bytes"
//   rest             what hold() has left: as get
//   late KEY         takes a segment, and sends a command for it that was meant for the cache
//   before
//                    this one: "sent"
//   look             at that segment: "untouched", or "byte 80 has changed"
//   done             "done";  when_held, when_done: wait until hold() or done() has returned on
//                    another thread
#include <time.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"
#include "proxy_side.h"
#include "shm_channel.h"

namespace {

using proxy_cache::Answer;
using proxy_cache::ChunkReader;
using proxy_cache::Command;
using proxy_cache::Header;
using proxy_cache::ProxySide;
using proxy_cache::SegmentPool;
using proxy_cache::ShmChannel;

// FNV-1a.
class Hash {
 public:
  void add(std::span<const char> bytes) {
    for (const char byte : bytes) {
      value_ ^= static_cast<unsigned char>(byte);
      value_ *= 1099511628211u;
    }
  }

  std::string text() const {
    char out[17];
    std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(value_));
    return out;
  }

 private:
  std::uint64_t value_ = 14695981039346656037u;
};

// One request, as a thread of the proxy would have it.
struct Request {
  Request(SegmentPool::Lease its_lease, proxy_cache::CachePeer its_peer)
      : lease(std::move(its_lease)), peer(its_peer) {}

  SegmentPool::Lease lease;
  proxy_cache::CachePeer peer;
  std::optional<ChunkReader> reader;  // last: it lets go of the segment first
  Hash hash;
  std::uint64_t length = 0;
  std::uint64_t came = 0;
};

thread_local std::optional<Request> t_request;

class AskingAdapter : public kit::Adapter {
 public:
  explicit AskingAdapter(const kit::Words& setup) {
    try {
      side_.emplace(setup.at(0),
                    proxy_cache::Shape{std::stoull(setup.at(1)), std::stoull(setup.at(2))});
    } catch (...) {
      not_made_ = std::current_exception();  // what each call says
    }
  }

  ~AskingAdapter() override { t_request.reset(); }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (not_made_) std::rethrow_exception(not_made_);
    if (name == "find") return find_cache() ? "a cache" : "none";
    if (name == "get") {
      const std::string said = begin(args.at(0));
      return said.empty() ? rest() : said;
    }
    if (name == "hold") {
      const std::string said = begin(args.at(0));
      if (!said.empty()) return said;
      take_chunk();
      is_held_ = true;
      is_held_.notify_all();
      return std::to_string(t_request->length) + " bytes";
    }
    if (name == "rest") return rest();
    if (name == "late") return send_late(args.at(0));
    if (name == "look") return look();
    if (name == "when_held") return when(is_held_);
    if (name == "when_done") return when(is_done_);
    if (name == "done") {
      is_done_ = true;
      is_done_.notify_all();
      return "done";
    }
    throw kit::UnknownCall{name};
  }

 private:
  // The cache looks for us every 50 ms. That the proxy waits for the first one itself is step 5.
  std::optional<std::uint32_t> find_cache() {
    const kit::Deadline end = kit::Deadline::after_ms(kit::patience_ms());
    for (;;) {
      const std::optional<std::uint32_t> epoch = side_->find_cache();
      if (epoch || end.expired()) return epoch;
      const timespec pause = {0, 2'000'000};
      static_cast<void>(::nanosleep(&pause, nullptr));
    }
  }

  // "" when it was found.
  std::string begin(const std::string& key) {
    t_request.reset();
    std::optional<SegmentPool::Lease> lease = side_->pool().take(support::Deadline::never());
    const std::optional<std::uint32_t> epoch = find_cache();
    if (!lease || !epoch) return "no cache";
    t_request.emplace(std::move(*lease), side_->cache(*epoch));
    Request& request = *t_request;
    const proxy_cache::Segment& segment = request.lease.segment();
    ShmChannel::init(segment.memory);
    Command command;
    command.epoch = *epoch;
    command.segment = segment.number;
    command.key = key;
    if (!side_->commands().send(command, request.peer)) return end("no cache");
    request.reader.emplace(segment.memory, request.peer);
    const std::optional<Header> header = request.reader->header();
    if (!header) return end("no cache");
    if (header->answer == Answer::kNotFound) return end("missing");
    if (header->answer != Answer::kFound) return end("failed");
    request.length = header->length;
    return "";
  }

  static std::string end(const std::string& said) {
    t_request.reset();
    return said;
  }

  // False when there is none.
  static bool take_chunk() {
    const std::span<const char> chunk = t_request->reader->next();
    t_request->hash.add(chunk);
    t_request->came += chunk.size();
    return !chunk.empty();
  }

  static std::string rest() {
    if (!t_request) return "nothing is held";
    while (take_chunk()) t_request->reader->release();
    const Request& request = *t_request;
    const bool is_whole = request.reader->is_whole() && request.came == request.length;
    return end(is_whole ? std::to_string(request.came) + " bytes, " + request.hash.text()
                        : "cut after " + std::to_string(request.came) + " bytes");
  }

  // As a thread that was stopped between asking for the epoch and sending the command.
  std::string send_late(const std::string& key) {
    std::optional<SegmentPool::Lease> lease = side_->pool().take(support::Deadline::never());
    const std::optional<std::uint32_t> epoch = find_cache();
    if (!lease || !epoch) return "no cache";
    late_.emplace(std::move(*lease));
    const proxy_cache::Segment& segment = late_->segment();
    ShmChannel::init(segment.memory);
    as_it_was_.assign(segment.memory.begin(), segment.memory.end());
    Command command;
    command.epoch = *epoch - 1;
    command.segment = segment.number;
    command.key = key;
    return side_->commands().send(command, side_->cache(*epoch)) ? "sent" : "no cache";
  }

  std::string look() const {
    if (!late_) return "nothing was sent late";
    const std::span<const char> memory = late_->segment().memory;
    for (std::size_t i = 0; i < memory.size(); ++i) {
      if (memory[i] != as_it_was_[i]) return "byte " + std::to_string(i) + " has changed";
    }
    return "untouched";
  }

  static std::string when(std::atomic<bool>& happened) {
    happened.wait(false);
    return "yes";
  }

  std::atomic<bool> is_held_{false};
  std::atomic<bool> is_done_{false};
  std::exception_ptr not_made_;
  std::optional<ProxySide> side_;
  std::optional<SegmentPool::Lease> late_;  // of send_late()
  std::string as_it_was_;                   // its segment
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<AskingAdapter>(setup);
}
