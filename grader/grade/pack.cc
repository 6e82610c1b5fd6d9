#include "grader/grade/pack.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& file) {
  static const std::set<std::string> kEndings = {".cc", ".cpp", ".h", ".hpp", ".c"};
  return kEndings.count(file.extension().string()) != 0;
}

std::vector<std::string> unknown_sources(const fs::path& folder, const ArchiveFiles& known) {
  const std::string build =
      fs::exists(folder / "BUILD") ? read_archive_file(folder / "BUILD").content : "";
  std::vector<std::string> unknown;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_named = build.find('"' + name + '"') != std::string::npos;
    if (is_source(entry.path()) && !is_named && known.count(name) == 0) unknown.push_back(name);
  }
  std::sort(unknown.begin(), unknown.end());
  return unknown;
}

}  // namespace

Pack collect_pack(const Manifest& manifest, const fs::path& workspace) {
  const fs::path folder = workspace / manifest.lab_package;
  Pack pack;
  std::vector<std::string> missing;
  std::vector<std::string> names = handed_in_files(manifest);
  std::sort(names.begin(), names.end());  // so that what is missing is told in order
  for (const std::string& name : names) {
    if (!fs::is_regular_file(folder / name)) {
      missing.push_back(name);
    } else {
      pack.files[name] = {read_archive_file(folder / name).content, false};
    }
  }
  if (!missing.empty()) {
    throw UsageError(
        fmt::format("{} lacks {}: every file that the lab names is handed in, those too "
                    "that you did not change",
                    manifest.lab_package, fmt::join(missing, ", ")));
  }
  pack.left_out = unknown_sources(folder, pack.files);
  return pack;
}

std::string pack_summary(const Pack& pack, const std::string& output) {
  std::string text = fmt::format("{}: {} files\n", output, pack.files.size());
  for (const auto& [name, file] : pack.files) text += "  " + name + "\n";
  if (!pack.left_out.empty()) {
    text += fmt::format(
        "Not handed in, since the lab does not name it: {}. What your code needs has to be in the "
        "files above.\n",
        fmt::join(pack.left_out, ", "));
  }
  return text;
}

}  // namespace kit::grade
