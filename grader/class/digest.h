// Fingerprints: of what somebody handed in, and of all in the kit that a grade depends on.
//
// A grade is finished for good while both stay the same; so `class` knows what to run again, and
// after a kill -9 what is left.
//
// Thread-safety: plain values. Errors: GraderError when something cannot be read.
// Source: FIPS 180-4 (SHA-256), by OpenSSL's EVP_Digest*(3).
#ifndef GRADER_CLASS_DIGEST_H_
#define GRADER_CLASS_DIGEST_H_

#include <openssl/evp.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kit::grade {

class Digest {
 public:
  Digest();

  // Each part counts by itself: "ab" and "c" are not "a" and "bc".
  void add(std::string_view part);
  // A file's name and content, or all that is below a folder, in order, links as links. Of a file
  // only the beginning and its size, of a folder only the first entries: beyond that nothing is
  // graded, and what somebody hands in must not keep us busy.
  void add_path(const std::filesystem::path& path);
  // Folders of this name are passed over.
  void leave_out(const std::string& folder) { left_out_.insert(folder); }
  // 64 hex digits. Ends the digest.
  std::string hex();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  void add_file(const std::filesystem::path& file);
  void add_folder(const std::filesystem::path& folder);
  std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) const;

  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::set<std::string> left_out_;
};

std::string digest_of_path(const std::filesystem::path& path);

// The whole grader, since a lab's checks may stand on another's, the lab's solution, and the
// compiler. It says only that something may be different: what a change does not touch, Bazel
// knows.
std::string digest_of_kit(const std::filesystem::path& workspace,
                          const std::string& solution_package);

}  // namespace kit::grade

#endif  // GRADER_CLASS_DIGEST_H_
