#include "grader/harness/function_name.h"

namespace kit {
namespace {

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.erase(at, what.size());
  }
}

// Where the '(' is that belongs to the ')' at `close`; npos when there is none.
std::size_t matching_open(std::string_view text, std::size_t close) {
  int depth = 0;
  for (std::size_t i = close + 1; i-- > 0;) {
    if (text[i] == ')') ++depth;
    if (text[i] == '(' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string short_function_name(std::string_view name) {
  std::string out(name);
  erase_all(out, "[abi:cxx11]");
  const std::size_t close = out.rfind(')');
  if (close == std::string::npos) return out;
  const std::size_t open = matching_open(out, close);
  // "operator()" without its parameters keeps its own pair.
  const bool is_operator =
      open != std::string::npos && open >= 8 && out.compare(open - 8, 8, "operator") == 0;
  if (open == 0 || open == std::string::npos || is_operator) return out;
  return out.substr(0, open);
}

}  // namespace kit
