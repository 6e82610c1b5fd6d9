#include "names.h"

#include <algorithm>

#include "labs/support/options.h"

namespace proxy_cache {
namespace {

constexpr std::size_t kMaxInstanceBytes = 64;

bool may_be_in_name(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

Names names_of(std::string_view instance) {
  bool is_name = std::all_of(instance.begin(), instance.end(), may_be_in_name);
  if (!is_name || instance.empty() || instance.size() > kMaxInstanceBytes) {
    throw support::UsageError("--instance: '" + std::string(instance) +
                              "' is not 1 to 64 letters, digits, '-' and '_'");
  }
  // Other characters are out because of this: no instance's name is another one's plus ".segments".
  std::string board = "/proxy_cache." + std::string(instance);
  return {board, board + ".segments", board + ".commands"};
}

}  // namespace proxy_cache
