#include "grader/harness/shrink.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace kit {
namespace {

// Texts that are simpler than this one, the simplest first. Each is smaller than the one it stands
// for (a number by value, a text by length), so that simplifying comes to an end.
std::vector<std::string> simpler_numbers(std::uint64_t number) {
  std::vector<std::string> simpler;
  for (std::uint64_t candidate : {std::uint64_t{0}, std::uint64_t{1}, number / 2, number - 1}) {
    if (candidate < number) simpler.push_back(std::to_string(candidate));
  }
  return simpler;
}

std::vector<std::string> simpler_words(const std::string& word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc() && stop == end) return simpler_numbers(number);
  std::vector<std::string> simpler;
  for (std::size_t length : {std::size_t{1}, word.size() / 2, word.size() - 1}) {
    if (length > 0 && length < word.size()) simpler.push_back(word.substr(0, length));
  }
  return simpler;
}

std::size_t count_calls(const Scenario& scenario) {
  std::size_t count = 0;
  for (const auto& thread : scenario.threads) count += thread.size();
  return count;
}

// Without the calls numbered [begin, end), counted through all threads. A thread that loses its
// last call goes too: an idle thread tests nothing.
Scenario without_calls(const Scenario& scenario, std::size_t begin, std::size_t end) {
  Scenario smaller{scenario.setup, {}};
  std::size_t number = 0;
  for (const auto& thread : scenario.threads) {
    std::vector<Call> kept;
    for (const Call& call : thread) {
      if (number < begin || number >= end) kept.push_back(call);
      ++number;
    }
    if (!kept.empty()) smaller.threads.push_back(std::move(kept));
  }
  return smaller;
}

class Shrinker {
 public:
  Shrinker(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails,
           ShrinkBudget budget, const MakesSense& makes_sense)
      : fails_(fails), budget_(budget), makes_sense_(makes_sense) {
    result_.scenario = scenario;
    tried_.insert(encode(scenario, 1));
  }

  ShrinkResult run() {
    bool progress = true;
    while (progress && !spent()) {
      progress = remove_threads();
      progress |= remove_calls();
      progress |= simplify_words();
    }
    result_.minimal = !progress && !spent_;
    return std::move(result_);
  }

 private:
  bool spent() {
    spent_ = spent_ || result_.runs >= budget_.runs || budget_.deadline.expired();
    return spent_;
  }

  // Takes the smaller scenario if it still fails.
  bool accept(Scenario smaller) {
    if (!tried_.insert(encode(smaller, 1)).second || spent()) return false;
    if (makes_sense_ && !makes_sense_(smaller)) return false;
    ++result_.runs;
    if (!fails_(smaller)) return false;
    result_.scenario = std::move(smaller);
    return true;
  }

  // The last thread first: the numbers of those before it, which a reader sees, then stay.
  bool remove_threads() {
    bool progress = false;
    for (std::size_t i = result_.scenario.threads.size(); i-- > 0 && !spent();) {
      Scenario smaller = result_.scenario;
      smaller.threads.erase(smaller.threads.begin() + static_cast<std::ptrdiff_t>(i));
      progress |= accept(std::move(smaller));
    }
    return progress;
  }

  bool remove_calls() {
    bool progress = false;
    for (std::size_t size = (count_calls(result_.scenario) + 1) / 2; size > 0; size /= 2) {
      progress |= remove_stretches(size);
    }
    return progress;
  }

  bool remove_stretches(std::size_t size) {
    bool progress = false;
    std::size_t end = count_calls(result_.scenario);
    while (end > 0 && !spent()) {
      const std::size_t begin = end - std::min(end, size);
      progress |= accept(without_calls(result_.scenario, begin, end));
      end = begin;
    }
    return progress;
  }

  bool simplify_words() {
    bool progress = false;
    for (std::size_t thread = 0; thread < result_.scenario.threads.size(); ++thread) {
      for (std::size_t call = 0; call < result_.scenario.threads[thread].size(); ++call) {
        const std::size_t words = result_.scenario.threads[thread][call].args.size();
        for (std::size_t word = 0; word < words && !spent(); ++word) {
          progress |= simplify_word(thread, call, word);
        }
      }
    }
    return progress;
  }

  bool simplify_word(std::size_t thread, std::size_t call, std::size_t word) {
    const std::string current = result_.scenario.threads[thread][call].args[word];
    for (const std::string& candidate : simpler_words(current)) {
      Scenario smaller = result_.scenario;
      smaller.threads[thread][call].args[word] = candidate;
      if (accept(std::move(smaller))) return true;
    }
    return false;
  }

  const std::function<bool(const Scenario&)>& fails_;
  const ShrinkBudget budget_;
  const MakesSense& makes_sense_;
  std::set<std::string> tried_;
  bool spent_ = false;
  ShrinkResult result_;
};

}  // namespace

ShrinkResult shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails,
                    ShrinkBudget budget, const MakesSense& makes_sense) {
  return Shrinker(scenario, fails, budget, makes_sense).run();
}

}  // namespace kit
