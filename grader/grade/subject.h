// The code under the checks, as a label, as the word that targets and tokens use, and as a folder.
//
//     //labs/x              lab        the student's work, and what is graded when nothing is said
//     //solutions/x         solution
//     @subjects//x/NAME     NAME       a mutant, or the generated starter
//
// Thread-safety: plain values. Errors: UsageError, which says what would have been understood.
#ifndef GRADER_GRADE_SUBJECT_H_
#define GRADER_GRADE_SUBJECT_H_

#include <cstdint>
#include <string>

#include "grader/grade/manifest.h"

namespace kit::grade {

struct Subject {
  std::string label;            // as given
  std::string word;             // "lab", "solution" or a mutant's name
  std::string folder;           // as the compiler sees it: "labs/x", "external/subjects/x/NAME"
  std::string target_prefix;    // "//grader/x:lab", "//grader/x/mutants:NAME"
  std::string shown_folder;     // as a person is told it: where the student has that file
  std::string submission = {};  // how to name it to `reproduce`; empty for what is in the kit
};

// The subject of a label; of the student's lab when the label is empty.
Subject subject_of_label(const Manifest& manifest, std::string label);
Subject subject_of_word(const Manifest& manifest, const std::string& word);

// Names one finding, so that it can be had again:
// "ring_buffer_server/lab/1/tsan/RingBuffer.TornReads/7", and in the mode explore with the
// interleaving behind the seed: "7@<hashes>" (finding.h). Safe in a shell without quotes.
struct Token {
  std::string lab;
  std::string subject_word;
  int step = 0;
  std::string mode;
  std::string check;
  std::uint64_t seed = 0;
  std::string interleaving;
};

std::string format_token(const Token& token);
Token parse_token(const std::string& text);

// "bazel run //grader -- reproduce <token>"
std::string reproduce_command(const Token& token);

}  // namespace kit::grade

#endif  // GRADER_GRADE_SUBJECT_H_
