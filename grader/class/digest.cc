#include "grader/class/digest.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "grader/grade/errors.h"
#include "grader/grade/process.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64 << 20;  // of a file
constexpr std::size_t kMaxEntries = 20'000;  // of a folder

void require(int result) {
  if (result != 1) throw GraderError("OpenSSL cannot compute a digest");
}

}  // namespace

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) throw GraderError("out of memory");
  require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Digest::add(std::string_view part) {
  const std::string size = std::to_string(part.size()) + ":";
  require(EVP_DigestUpdate(context_.get(), size.data(), size.size()));
  require(EVP_DigestUpdate(context_.get(), part.data(), part.size()));
}

void Digest::add_path(const fs::path& path) {
  const fs::file_status status = fs::symlink_status(path);
  add(path.filename().string());
  if (fs::is_symlink(status)) {
    add("link to " + fs::read_symlink(path).string());
  } else if (fs::is_directory(status)) {
    add_folder(path);
  } else if (fs::is_regular_file(status)) {
    add_file(path);
  }
}

void Digest::add_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw_errno("cannot read " + file.string());
  add(std::to_string(fs::file_size(file)));
  std::array<char, 65536> buffer;
  for (std::size_t sum = 0; sum < kMaxBytes && in; sum += buffer.size()) {
    in.read(buffer.data(), buffer.size());
    add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
}

void Digest::add_folder(const fs::path& folder) {
  const std::vector<fs::path> entries = entries_of(folder);
  add(std::to_string(entries.size()));
  for (const fs::path& entry : entries) add_path(entry);
}

std::vector<fs::path> Digest::entries_of(const fs::path& folder) const {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (left_out_.count(it->path().filename().string()) == 0) entries.push_back(it->path());
    if (entries.size() > kMaxEntries) break;
  }
  if (error) throw GraderError("cannot read " + folder.string() + ": " + error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string Digest::hex() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size));
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string digest_of_path(const fs::path& path) {
  Digest digest;
  digest.add_path(path);
  return digest.hex();
}

std::string digest_of_kit(const fs::path& workspace, const std::string& solution_package) {
  Digest digest;
  for (const char* folder : {"__pycache__", "bench", "hostile", "mutants"})
    digest.leave_out(folder);
  for (const std::string& part :
       {std::string(".bazelrc"), std::string("WORKSPACE"), std::string("clients"),
        std::string("grader"), std::string("labs/support"), solution_package}) {
    if (fs::exists(workspace / part)) digest.add_path(workspace / part);
  }
  digest.add(capture({"g++", "--version"}, ""));
  return digest.hex();
}

}  // namespace kit::grade
