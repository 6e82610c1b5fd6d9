// What this machine lets us close a box with.
//
// Thread-safety: pure functions. Errors: none; what cannot be found out counts as missing.
#ifndef GRADER_SUBMISSIONS_CONFINEMENT_H_
#define GRADER_SUBMISSIONS_CONFINEMENT_H_

#include <string>
#include <vector>

namespace kit {

// Whether bubblewrap is there and may make namespaces: tried, since who may do so depends on the
// kernel, the distribution and the container.
bool can_box();

// What cannot be had here, a sentence each; empty when a box can be closed as it should be.
std::vector<std::string> missing_confinement();

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_CONFINEMENT_H_
