// What must hold for the request parser whatever bytes it is fed, as libFuzzer wants it
// (https://llvm.org/docs/LibFuzzer.html).
//
// Two programs use it. request_parser_fuzz_test makes up its inputs by itself, the same ones each
// time, and is one of the tests. And libFuzzer searches for inputs that reach new code:
//
//     bazel run //labs/support/gfserver:fuzz -- -max_total_time=60
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "labs/support/gfserver/request_parser.h"

namespace {

using gfs::RequestParser;
using gfs::Wire;
using State = RequestParser::State;

// The fuzzer takes an abort as "here is one".
void must(bool holds) {
  if (!holds) std::abort();
}

void check_path(const std::string& path) {
  must(path.starts_with('/'));
  must(path.size() <= gfs::kMaxHeader);
  must(std::none_of(path.begin(), path.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 32; }));
}

void check(Wire wire, std::string_view bytes, std::size_t piece) {
  RequestParser whole(wire);
  whole.feed(bytes);
  // In pieces it must come to the same.
  RequestParser pieces(wire);
  for (std::size_t at = 0; at < bytes.size(); at += piece) pieces.feed(bytes.substr(at, piece));
  must(whole.state() == pieces.state());
  must(whole.path() == pieces.path());

  must(whole.path().empty() == (whole.state() != State::kComplete));
  if (whole.state() == State::kComplete) check_path(whole.path());
  if (whole.state() == State::kIncomplete) must(bytes.size() <= gfs::kMaxHeader);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte says how the rest is fed.
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t piece = 1 + data[0] % 64;
  check(Wire::kDocumented, bytes, piece);
  check(Wire::kStock, bytes, piece);
  return 0;
}
