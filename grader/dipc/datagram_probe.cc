// Calls on a DatagramParser, and the reply functions. Setup: packet_bytes.
//
//   bytes DATA            the requests that are there then: "read 1; write 2(hello); quit;
//   bad-request;
//                         too-big", or "(nothing)"
//   each DATA SIZE        the same, given in pieces of SIZE bytes
//   space DATA SIZE       the same, by way of space() and received()
//   cut DATA SEED         the same, in pieces of random size, by either way
//   pause, data_timeout, end    the same, after that has happened
//   flood DATA N          DATA N times; the requests are counted: "100 requests, memory: little"
//                         (below 1 MiB at any time) or how many KiB
//   hurry REQUEST N       N of them in one go; the processor's time is compared with that of one at
//                         a time: "100 requests, quick", or "100 requests, 3000 ms; one at a time,
//                         30 ms"
//   waits                 "bytes", "pause", "data"
//   ok N, error REASON
#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <random>
#include <string>

#include "datagram.h"
#include "grader/harness/probe.h"

namespace {

std::string name_of(dipc::Reason reason) {
  switch (reason) {
    case dipc::Reason::kBadRequest:
      return "bad-request";
    case dipc::Reason::kNoSuchMailbox:
      return "no-such-mailbox";
    case dipc::Reason::kTooBig:
      return "too-big";
    case dipc::Reason::kTimeout:
      return "timeout";
  }
  return "no value of Reason";
}

struct Show {
  std::string operator()(const dipc::Read& read) const {
    return "read " + std::to_string(read.mailbox);
  }
  std::string operator()(const dipc::Write& write) const {
    return "write " + std::to_string(write.mailbox) + "(" + std::string(write.data) + ")";
  }
  std::string operator()(const dipc::Quit&) const { return "quit"; }
  std::string operator()(const dipc::Bad& bad) const { return name_of(bad.reason); }
};

std::size_t memory_now() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

class DatagramAdapter : public kit::Adapter {
 public:
  explicit DatagramAdapter(std::size_t packet_bytes) : parser_(packet_bytes) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    out_.clear();
    if (name == "bytes") return feed(args.at(0), args.at(0).size());
    if (name == "each") return feed(args.at(0), std::stoull(args.at(1)));
    if (name == "space") return receive(args.at(0), std::stoull(args.at(1)));
    if (name == "cut") return cut(args.at(0), std::stoull(args.at(1)));
    if (name == "flood") return flood(args.at(0), std::stoull(args.at(1)));
    if (name == "hurry") return hurry(args.at(0), std::stoull(args.at(1)));
    if (name == "pause") return happened([this] { parser_.on_pause(); });
    if (name == "data_timeout") return happened([this] { parser_.on_data_timeout(); });
    if (name == "end") return happened([this] { parser_.on_end(); });
    if (name == "waits") return waits();
    if (name == "ok") return dipc::format_ok(std::stoull(args.at(0)));
    if (name == "error") return error(args.at(0));
    throw kit::UnknownCall{name};
  }

 private:
  template <typename Event>
  std::string happened(Event event) {
    event();
    take_requests();
    return result();
  }

  std::string feed(std::string_view bytes, std::size_t piece) {
    while (!bytes.empty()) {
      give(bytes.substr(0, piece));
      bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return result();
  }

  // From memory of its own, which is gone afterwards.
  void give(std::string_view bytes) {
    const std::string copy(bytes);
    parser_.on_bytes(copy);
    take_requests();
  }

  void give_space(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::span<char> room = parser_.space();
      if (room.empty()) throw std::runtime_error("space() is empty");
      const std::size_t count = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), count);
      parser_.received(count);
      bytes.remove_prefix(count);
      take_requests();
    }
  }

  std::string receive(std::string_view bytes, std::size_t piece) {
    while (!bytes.empty()) {
      give_space(bytes.substr(0, piece));
      bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return result();
  }

  std::string cut(std::string_view bytes, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (!bytes.empty()) {
      const std::size_t piece = std::min<std::size_t>(1 + random() % 9, bytes.size());
      random() % 2 == 0 ? give(bytes.substr(0, piece)) : give_space(bytes.substr(0, piece));
      bytes.remove_prefix(piece);
    }
    return result();
  }

  std::string flood(const std::string& bytes, std::size_t times) {
    const std::size_t before = memory_now();
    std::size_t most = before;
    std::size_t count = 0;
    for (std::size_t i = 0; i < times; ++i) {
      parser_.on_bytes(bytes);
      while (parser_.next()) ++count;
      most = std::max(most, memory_now());
    }
    const std::size_t grown_kib = (most - before) / 1024;
    return std::to_string(count) + " requests, memory: " +
           (grown_kib < 1024 ? "little" : std::to_string(grown_kib) + " KiB");
  }

  // Whose time grows with the square of what waits takes some fifty times as long; who is in
  // between for another reason, or done in a moment, is not meant.
  std::string hurry(const std::string& request, std::size_t count) {
    constexpr long kTimes = 10;
    constexpr long kMomentMs = 50;
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += request;
    const long singly_ms = timed([&] {
                             std::size_t taken = 0;
                             for (std::size_t i = 0; i < count; ++i) taken += take_all(request);
                             return taken;
                           }).second;
    const auto [at_once, ms] = timed([&] { return take_all(all); });
    const std::string result = std::to_string(at_once) + " requests, ";
    if (ms < kMomentMs || ms < kTimes * singly_ms) return result + "quick";
    return result + std::to_string(ms) + " ms; one at a time, " + std::to_string(singly_ms) + " ms";
  }

  std::size_t take_all(const std::string& bytes) {
    std::size_t count = 0;
    parser_.on_bytes(bytes);
    while (parser_.next()) ++count;
    return count;
  }

  // What the work returns, and the processor's time for it.
  template <typename Work>
  static std::pair<std::size_t, long> timed(Work work) {
    const std::clock_t begin = std::clock();
    const std::size_t result = work();
    return {result, (std::clock() - begin) / (CLOCKS_PER_SEC / 1000)};
  }

  void take_requests() {
    while (std::optional<dipc::Request> request = parser_.next()) {
      out_ += (out_.empty() ? "" : "; ") + std::visit(Show(), *request);
      if (out_.size() > 500'000) throw std::runtime_error("next() gives requests without end");
    }
  }

  std::string result() const { return out_.empty() ? "(nothing)" : out_; }

  std::string waits() const {
    switch (parser_.waits_for()) {
      case dipc::DatagramParser::Wait::kBytes:
        return "bytes";
      case dipc::DatagramParser::Wait::kPause:
        return "pause";
      case dipc::DatagramParser::Wait::kData:
        return "data";
    }
    return "no value of Wait";
  }

  static std::string error(const std::string& reason) {
    for (const dipc::Reason each : {dipc::Reason::kBadRequest, dipc::Reason::kNoSuchMailbox,
                                    dipc::Reason::kTooBig, dipc::Reason::kTimeout}) {
      if (name_of(each) == reason) return dipc::format_error(each);
    }
    throw kit::UnknownCall{"error " + reason};
  }

  dipc::DatagramParser parser_;
  std::string out_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<DatagramAdapter>(std::stoull(setup.at(0)));
}
