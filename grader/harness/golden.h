// Comparing what a student sees with a golden file.
//
// A golden file keeps the whole of it, to be read. What is held fast are the words: the check and
// its status, what was expected and observed, why it matters, where and what to look at. What was
// done and the evidence are a run's own story (an interleaving, how far a connection came), and so
// is what was observed of a program that died of something else; of that the first line counts.
// Within what counts, parts in ⟦ and ⟧ may differ.
//
// Thread-safety: a pure function.
#ifndef GRADER_HARNESS_GOLDEN_H_
#define GRADER_HARNESS_GOLDEN_H_

#include <string>
#include <string_view>

namespace kit {

// The part of a golden text that counts: two texts say the same when these are equal.
std::string words_of_golden(std::string_view text);

}  // namespace kit

#endif  // GRADER_HARNESS_GOLDEN_H_
