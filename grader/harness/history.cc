#include "grader/harness/history.h"

#include <algorithm>

#include "grader/harness/scenario.h"

namespace kit {

std::string render(const Operation& operation) {
  const std::string result =
      operation.completed ? printable(operation.result, 200) : "(never returned)";
  return render(Call{operation.call, operation.args}) + " -> " + result;
}

std::string render(const History& history) {
  std::vector<const Operation*> ordered;
  bool many_threads = false;
  for (const Operation& operation : history) {
    ordered.push_back(&operation);
    many_threads = many_threads || operation.thread != 0;
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const Operation* a, const Operation* b) {
    return a->begin_ns < b->begin_ns;
  });
  std::string out;
  for (const Operation* operation : ordered) {
    if (many_threads) out += "thread " + std::to_string(operation->thread) + ": ";
    out += render(*operation) + '\n';
  }
  return out;
}

}  // namespace kit
