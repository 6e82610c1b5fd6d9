#include "grader/grade/submission.h"

#include <openssl/sha.h>

#include <array>
#include <cstdio>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/paths.h"
#include "grader/submissions/confinement.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameBytes = 8;

// Lengths keep a file's end from passing for the next one's beginning.
std::string name_of(const Submission& submission) {
  std::string all;
  for (const auto& [file, contents] : submission.files) {
    all += file + '\0' + std::to_string(contents.size()) + '\0' + contents;
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
  std::string name;
  for (std::size_t i = 0; i < kNameBytes; ++i) {
    std::array<char, 3> text;
    std::snprintf(text.data(), text.size(), "%02x", digest[i]);
    name += text.data();
  }
  return name;
}

// The report points at the student's own folder; whoever has graded names the submission instead.
Subject subject_of(const Manifest& manifest, const std::string& name, const fs::path& from) {
  const Subject lab = subject_of_word(manifest, "lab");
  const std::string path = manifest.lab + "/" + name;
  return {lab.label,
          lab.word,
          "external/submissions/" + path,
          "@submissions//" + path + ":submission",
          lab.shown_folder,
          typed_path(from)};
}

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

std::string joined(const std::vector<Note>& notes) {
  std::vector<std::string> parts;
  for (const Note& note : notes) {
    parts.push_back(note.name + (note.why.empty() ? "" : ": " + note.why));
  }
  return joined(parts, "; ");
}

}  // namespace

LaidOut lay_out_submission(const Manifest& manifest, const fs::path& path, const fs::path& root) {
  LaidOut out;
  out.taken = take_in(path, handed_in_files(manifest));
  out.name = name_of(out.taken);
  out.subject = subject_of(manifest, out.name, path);
  const fs::path folder = root / manifest.lab / out.name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw GraderError(folder.string() + ": " + error.message());
  for (const auto& [file, contents] : out.taken.files) write_whole_file(folder / file, contents);
  return out;
}

Bazel with_submissions(Bazel bazel, const fs::path& root) {
  bazel.options.push_back("--repo_env=KIT_SUBMISSIONS=" + root.string());
  return bazel;
}

std::vector<std::string> look_at_sandbox(bool is_required) {
  std::vector<std::string> missing = missing_confinement();
  if (is_required && !missing.empty()) {
    throw GraderError("--require-sandbox: " + joined(missing, "; ") +
                      ". docs/submissions.md says what a box needs.");
  }
  return missing;
}

void add_submission_facts(Grade& grade, const LaidOut& submission, const std::string& shown_name,
                          const std::vector<std::string>& missing_sandbox) {
  grade.subject = shown_name;
  const Submission& taken = submission.taken;
  std::vector<std::string> files;
  for (const auto& [file, contents] : taken.files) files.push_back(file);
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"submission", submission.name},
           {"taken", joined(files, ", ")},
           {"missing", joined(taken.missing, ", ")},
           {"ignored", joined(taken.ignored)},
           {"refused", joined(taken.refused)},
           {"sandbox", missing_sandbox.empty() ? "whole" : joined(missing_sandbox, "; ")}}) {
    if (!value.empty()) grade.environment.emplace_back(key, value);
  }
}

}  // namespace kit::grade
