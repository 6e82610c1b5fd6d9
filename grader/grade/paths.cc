#include "grader/grade/paths.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

fs::path here() {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  return folder != nullptr ? folder : ".";
}

bool is_plain(char c) {
  constexpr std::string_view kOthers = "/._-+,:@%=";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

// Bash's $'...', which has a spelling for every byte.
std::string shell_word(const std::string& text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string word = "$'";
  for (const char c : text) {
    if (is_plain(c) || c == ' ') {
      word += c;
    } else {
      std::array<char, 5> escape;
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(c));
      word += escape.data();
    }
  }
  return word + "'";
}

}  // namespace

fs::path path_of_person(const std::string& path) { return here() / path; }

std::string typed_path(const fs::path& path) {
  const fs::path near = path.lexically_normal().lexically_proximate(here().lexically_normal());
  const bool is_below = !near.empty() && *near.begin() != "..";
  return shell_word((is_below ? near : path.lexically_normal()).string());
}

}  // namespace kit::grade
