#include "grader/submissions/sorter.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace kit::grade {
namespace {

constexpr std::size_t kShownName = 120;

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (!part.empty() && part != ".") parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

// Why nobody should have handed in such an entry; empty when there is nothing wrong with it.
std::string fault_of(const Entry& entry, const IntakeLimits& limits) {
  const std::vector<std::string> parts = parts_of(entry.path);
  if (entry.path.size() > limits.path_bytes) return "its path is too long";
  if (entry.path.starts_with('/')) return "its path is absolute";
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) return "its path has a '..'";
  if (entry.path.find('\0') != std::string::npos) return "its path has a NUL";
  if (entry.kind == EntryKind::kLink) return "it is a link";
  if (entry.kind == EntryKind::kOther) return "it is a device, a pipe or a socket";
  return "";
}

std::string counted(std::size_t count) { return "and " + std::to_string(count) + " more"; }

bool is_shallower(const std::string& a, const std::string& b) {
  return parts_of(a).size() < parts_of(b).size();
}

}  // namespace

std::string printable_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\') {
      out += c;
    } else {
      std::array<char, 8> text;
      std::snprintf(text.data(), text.size(), "\\x%02x", byte);
      out += text.data();
    }
    if (out.size() > kShownName) return out.substr(0, kShownName) + "...";
  }
  return out;
}

void Sorter::refuse(const std::string& path, const std::string& why) {
  if (++refused_ <= limits_.notes) result_.refused.push_back({printable_name(path), why});
}

void Sorter::ignore(const std::string& path, const std::string& why) {
  if (++ignored_ <= limits_.notes) result_.ignored.push_back({printable_name(path), why});
}

// "lab/counter.cc" is "counter.cc" when the manifest has that.
std::string Sorter::wanted_name(const std::string& path) const {
  for (const std::string& file : wanted_) {
    if (path == file || path == "./" + file || path.ends_with("/" + file)) return file;
  }
  return "";
}

std::string Sorter::sort(const Entry& entry) {
  if (++entries_ > limits_.entries) {
    throw IntakeError("the submission has more than " + std::to_string(limits_.entries) +
                      " entries; hand in the files of the lab only");
  }
  const std::string fault = fault_of(entry, limits_);
  if (!fault.empty()) {
    refuse(entry.path, fault);
    return "";
  }
  if (entry.kind == EntryKind::kFolder) return "";
  const std::string file = wanted_name(entry.path);
  if (file.empty()) {
    ignore(entry.path, "the lab does not ask for it");
  } else if (entry.bytes > limits_.file_bytes) {
    refuse(entry.path, "it is larger than " + std::to_string(limits_.file_bytes >> 10) + " KiB");
  } else if (const auto other = paths_.find(file);
             other != paths_.end() && !is_shallower(entry.path, other->second)) {
    ignore(entry.path, "there is another " + file + ", which is taken");
  } else {
    return file;
  }
  return "";
}

void Sorter::take(const Entry& entry, const std::string& file, std::string contents) {
  if (static_cast<std::int64_t>(contents.size()) > limits_.file_bytes) {
    refuse(entry.path, "it is larger than " + std::to_string(limits_.file_bytes >> 10) + " KiB");
    return;
  }
  if (const auto other = paths_.find(file); other != paths_.end()) {
    ignore(other->second, "there is another " + file + ", which is taken");
  }
  paths_[file] = entry.path;
  result_.files[file] = std::move(contents);
}

Submission Sorter::finish() {
  for (const std::string& file : wanted_) {
    if (result_.files.count(file) == 0) result_.missing.push_back(file);
  }
  if (ignored_ > limits_.notes) result_.ignored.push_back({counted(ignored_ - limits_.notes), ""});
  if (refused_ > limits_.notes) result_.refused.push_back({counted(refused_ - limits_.notes), ""});
  return std::move(result_);
}

}  // namespace kit::grade
