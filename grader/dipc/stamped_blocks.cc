#include "grader/dipc/stamped_blocks.h"

#include <cstdio>

#include "grader/dipc/dipc_peer.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

constexpr std::size_t kStampBytes = 16;
constexpr std::size_t kUnitBytes = 16 * 1024;

std::string stamp_of(int writer, int number) {
  const std::string five_digits = std::to_string(100'000 + number % 100'000).substr(1);
  return "[w" + std::to_string(10 + writer % 90) + " block" + five_digits + "]";
}

// What stands behind "ok <length>: ".
std::string data_of(const std::string& answer) {
  const std::size_t at = answer.find(": ");
  return at == std::string::npos ? "" : answer.substr(at + 2);
}

[[noreturn]] void tell_torn(const std::string& what) {
  fail("a read gives one block as it was written, whole", varies(what));
}

}  // namespace

std::string stamped_block(int writer, int number) {
  const std::string stamp = stamp_of(writer, number);
  const std::size_t bytes = kUnitBytes * (1 + (writer * 7 + number * 3) % 10);
  std::string block;
  block.reserve(bytes);
  while (block.size() < bytes) block += stamp;
  return block;
}

void require_whole_block(const std::string& answer) {
  if (answer == "ok 0") return;  // nothing was written yet
  if (answer.rfind("ok ", 0) != 0) fail("the answer to `r 0`: ok", shortened(answer));
  const std::string data = data_of(answer);
  int writer = 0;
  int number = 0;
  if (std::sscanf(data.c_str(), "[w%2d block%5d]", &writer, &number) != 2) {
    tell_torn("the data begins with " + in_quotes(data.substr(0, kStampBytes)));
  }
  const std::string whole = stamped_block(writer - 10, number);
  for (std::size_t at = 0; at < data.size() && at < whole.size(); at += kStampBytes) {
    if (data.compare(at, kStampBytes, whole, at, kStampBytes) == 0) continue;
    tell_torn("a torn block: it begins with " + in_quotes(data.substr(0, kStampBytes)) +
              ", and at byte " + std::to_string(at) + " comes " +
              in_quotes(data.substr(at, kStampBytes)));
  }
  if (data.size() != whole.size()) {
    tell_torn("a torn block: " + in_quotes(data.substr(0, kStampBytes)) + " was written with " +
              std::to_string(whole.size()) + " bytes, and " + std::to_string(data.size()) +
              " bytes were read");
  }
}

}  // namespace kit::dipc_lab
