#include "long_count.h"

#include <string>

std::vector<kit::Expected> calls_up_to(int count) {
  std::vector<kit::Expected> calls;
  for (int i = 1; i <= count; ++i) calls.push_back({{"add", {}}, std::to_string(i)});
  return calls;
}
