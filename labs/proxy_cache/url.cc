#include "url.h"

#include <algorithm>

namespace proxy_cache {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 32; }

// What would mean something else in a URL, or has no place in one at all.
bool must_be_encoded(char c) { return c == '#' || c == ' ' || static_cast<unsigned char>(c) > 126; }

std::string encoded(char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  auto byte = static_cast<unsigned char>(c);
  return {'%', kDigits[byte / 16], kDigits[byte % 16]};
}

// The segment with its percent-encoded dots as dots.
std::string with_dots(std::string_view segment) {
  std::string dotted;
  while (!segment.empty()) {
    bool is_dot = segment.starts_with("%2e") || segment.starts_with("%2E");
    dotted += is_dot ? '.' : segment.front();
    segment.remove_prefix(is_dot ? 3 : 1);
  }
  return dotted;
}

// Whether a path without its query has a segment "..".
bool leads_up(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/' before each segment
    std::string_view segment = path.substr(0, path.find('/'));
    if (with_dots(segment) == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

}  // namespace

std::optional<std::string> make_url(std::string_view server, std::string_view path) {
  bool is_path = path.starts_with('/') && std::none_of(path.begin(), path.end(), is_control);
  if (!is_path || leads_up(path.substr(0, path.find('?')))) return std::nullopt;
  std::string url(server);
  for (char c : path) url += must_be_encoded(c) ? encoded(c) : std::string(1, c);
  return url;
}

}  // namespace proxy_cache
