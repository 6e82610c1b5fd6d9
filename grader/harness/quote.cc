#include "grader/harness/quote.h"

#include <algorithm>

#include "grader/harness/transcript.h"

namespace kit {

std::string shortened(std::string_view text) {
  constexpr std::size_t kHead = 120;
  constexpr std::size_t kTail = 40;
  if (text.size() <= kHead + kTail) return escaped(text);
  return escaped(text.substr(0, kHead)) + " ... " + escaped(text.substr(text.size() - kTail)) +
         " (" + std::to_string(text.size()) + " bytes)";
}

std::string in_quotes(std::string_view text) { return '"' + shortened(text) + '"'; }

std::string shown_from(std::string_view text, std::size_t at) {
  constexpr std::size_t kBefore = 40;
  constexpr std::size_t kShown = 120;
  const std::size_t begin = std::min(at > kBefore ? at - kBefore : 0, text.size());
  const std::string out = in_quotes(text.substr(begin, kShown));
  return begin == 0 ? out : "from byte " + std::to_string(begin) + " on: " + out;
}

std::size_t first_difference(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(in_a - a.begin());
}

}  // namespace kit
