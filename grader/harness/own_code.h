// Which source files are the subject's own, in the paths that a compiler wrote into its programs.
//
// Thread-safety: a plain value.
#ifndef GRADER_HARNESS_OWN_CODE_H_
#define GRADER_HARNESS_OWN_CODE_H_

#include <string>
#include <string_view>
#include <vector>

namespace kit {

struct OwnCode {
  // "labs/ring_buffer_server", as the compiler was told. A mutant shares with the solution what its
  // patch leaves as it was, and so has two.
  std::vector<std::string> folders;

  // Where a path into one of the folders begins in the text, and where the file's own part of it
  // does; both are npos when there is none.
  struct Place {
    std::size_t begin = std::string_view::npos;
    std::size_t file = std::string_view::npos;
  };
  Place find(std::string_view text, std::size_t from = 0) const {
    Place first;
    for (const std::string& folder : folders) {
      const std::size_t at = text.find(folder + "/", from);
      if (at < first.begin) first = {at, at + folder.size() + 1};
    }
    return first;
  }

  bool is_in(std::string_view text) const { return find(text).begin != std::string_view::npos; }
};

}  // namespace kit

#endif  // GRADER_HARNESS_OWN_CODE_H_
