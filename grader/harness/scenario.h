// A scenario: for each thread, the calls it makes, in order. Data, so that the same one runs plain,
// under a sanitizer, under Valgrind and under controlled schedules, and can be shrunk.
//
// The text form, which a probe reads (version 1; docs/probe-grammar.md):
//
//     kit-scenario 1
//     repeat 100
//     setup 4
//     thread
//     call push ann hello%20world
//     thread
//     call latest 2
//     end
//
// Words are separated by single spaces. Within a word, '%', space, control characters and bytes
// over 126 are written %XX; an empty word is a lone '%'.
#ifndef GRADER_HARNESS_SCENARIO_H_
#define GRADER_HARNESS_SCENARIO_H_

#include <string>
#include <string_view>
#include <vector>

namespace kit {

using Words = std::vector<std::string>;

struct Call {
  std::string name;
  Words args;
};

struct Scenario {
  Words setup;  // how the probe makes the object under test
  std::vector<std::vector<Call>> threads;
};

std::string encode_word(std::string_view word);
// Throws std::invalid_argument, which quotes the word.
std::string decode_word(std::string_view word);

// The text form. `repeat`: how often the probe runs it, each time on a new object.
std::string encode(const Scenario& scenario, int repeat);

struct RepeatedScenario {
  Scenario scenario;
  int repeat = 1;
};
// Throws std::invalid_argument, which names the line.
RepeatedScenario decode(std::string_view text);

// For a person: "push(ann, hello world)". Long and unprintable arguments are shortened and escaped.
std::string render(const Call& call);
std::string render(const Scenario& scenario);
// The text in quotes where it would be unclear without; what does not print is escaped.
std::string printable(std::string_view text, std::size_t max_length = 60);

}  // namespace kit

#endif  // GRADER_HARNESS_SCENARIO_H_
