// Feeds the parser a hundred thousand requests with mistakes in them: see request_parser_fuzz.cc.
// They are the same ones each time, so that a failure is there again when it is looked for.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kRounds = 100'000;

// Good requests and their parts: mistakes are more likely to matter in something nearly right.
const std::vector<std::string> kParts = {"GETFILE GET /a\r\n\r\n",
                                         "getfile get /b\n",
                                         "GETFILE",
                                         " ",
                                         "GET",
                                         "/",
                                         "\r",
                                         "\n",
                                         "\r\n\r\n",
                                         "%2e",
                                         std::string(1, '\0'),
                                         std::string(4000, 'x'),
                                         "\xff",
                                         "GETFILE GET /"};

class Mutator {
 public:
  std::string next() {
    std::string text(1, static_cast<char>(below(256)));
    text += kParts[below(2)];
    for (std::size_t changes = below(6); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  void change(std::string& text) {
    std::size_t at = below(text.size() + 1);
    switch (below(3)) {
      case 0:
        text.insert(at, kParts[below(kParts.size())]);
        break;
      case 1:
        text.erase(at, below(8));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }

  std::mt19937 random_{20240611};  // the standard says which numbers follow from which seed
};

TEST(RequestParserFuzz, HoldsForRequestsWithMistakes) {
  Mutator mutator;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = mutator.next();
    // It aborts when something does not hold.
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
