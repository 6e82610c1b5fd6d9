#include "grader/dipc/lock_history.h"

#include <algorithm>
#include <limits>
#include <map>

namespace kit::dipc_lab {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kPatienceNs = 20'000'000'000;

std::string who_of(const Operation& operation) { return operation.call.substr(0, 1); }
std::string what_of(const Operation& operation) { return operation.call.substr(2); }
std::int64_t end_of(const Operation& operation) {
  return operation.completed ? operation.end_ns : kNever;
}

bool is_lock(const Operation& operation) {
  return what_of(operation) == "shared" || what_of(operation) == "exclusive";
}

int lock_of(const Operation& operation, std::size_t argument) {
  return operation.args.size() > argument ? std::stoi(operation.args[argument]) : 0;
}

// A hold ends when its release begins; or when its thread has nothing more to do, or dies.
std::int64_t end_of_hold(const History& history, const Operation& lock) {
  std::int64_t last_ns = lock.end_ns;
  for (const Operation& later : history) {
    if (later.thread != lock.thread || later.index <= lock.index) continue;
    const std::string what = what_of(later);
    const bool is_its = what == "release" && lock_of(later, 0) == lock_of(lock, 1);
    if (is_its || what == "die" || what == "leave") return later.begin_ns;
    last_ns = later.completed ? later.end_ns : later.begin_ns;
  }
  return last_ns;
}

Turn turn_of(const History& history, const Operation& operation) {
  Turn turn;
  turn.who = who_of(operation);
  turn.lock = lock_of(operation, 1);
  turn.is_exclusive = what_of(operation) == "exclusive";
  turn.result = operation.completed ? operation.result : "";
  turn.asked_ns = operation.begin_ns;
  turn.until_ns = operation.begin_ns + std::stoll(operation.args.at(0)) * 1'000'000;
  turn.had_ns = end_of(operation);
  turn.left_ns = turn.is_locked() ? end_of_hold(history, operation) : turn.had_ns;
  turn.known_ns = kNever;
  return turn;
}

// "X.after B N -> B waits", "X.watch B N -> B waits": B was in a call all through the end of it.
void note_known(std::vector<Turn>& turns, const Operation& look) {
  for (Turn& turn : turns) {
    if (turn.who != look.args.at(0) || !look.completed) continue;
    if (turn.asked_ns < look.end_ns && look.end_ns < turn.had_ns) {
      turn.known_ns = std::min(turn.known_ns, look.end_ns);
    }
  }
}

bool conflict(const Turn& one, const Turn& other) {
  return one.lock == other.lock && (one.is_exclusive || other.is_exclusive);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "nobody" : out;
}

// Who was in, and who waited, when `later` got in.
std::string queue_at(const std::vector<Turn>& turns, const Turn& later) {
  std::vector<std::string> inside;
  std::vector<std::string> waiting;
  for (const Turn& turn : turns) {
    if (turn.lock != later.lock) continue;
    if (turn.is_locked() && turn.had_ns <= later.had_ns && later.had_ns < turn.left_ns) {
      inside.push_back(name_of(turn));
    } else if (turn.asked_ns < later.had_ns && later.had_ns < turn.had_ns) {
      waiting.push_back(name_of(turn) + (turn.known_ns <= later.had_ns ? "" : ", just called"));
    }
  }
  return "In: " + list_of(inside) + ". The queue, in order of arrival: " + list_of(waiting) + ".";
}

bool overtakes(const Turn& later, const Turn& turn) {
  const std::int64_t waited_until =
      turn.result == "timeout" ? std::min(turn.until_ns, turn.had_ns) : turn.had_ns;
  return later.asked_ns > turn.known_ns && later.is_locked() && conflict(later, turn) &&
         later.had_ns < waited_until;
}

std::optional<Overtaken> overtaken(const std::vector<Turn>& turns, const Turn& turn) {
  Overtaken found;
  const Turn* first = nullptr;
  for (const Turn& later : turns) {
    if (later.asked_ns <= turn.known_ns || !conflict(later, turn)) continue;
    ++found.later;
    if (!overtakes(later, turn)) continue;
    ++found.count;
    if (first == nullptr || later.had_ns < first->had_ns) first = &later;
  }
  if (first == nullptr) return std::nullopt;
  found.is_exclusive = turn.is_exclusive;
  found.what = name_of(turn) + " waited, and " + std::to_string(found.count) + " of the " +
               std::to_string(found.later) + " that came later went in before it. The first was " +
               name_of(*first) + ". At that time:\n  " + queue_at(turns, *first);
  return found;
}

}  // namespace

std::vector<Turn> turns_of(const History& history) {
  std::vector<Turn> turns;
  for (const Operation& operation : history) {
    if (is_lock(operation)) turns.push_back(turn_of(history, operation));
  }
  for (const Operation& operation : history) {
    const std::string what = what_of(operation);
    if ((what == "after" || what == "watch") &&
        operation.result.find(" waits") != std::string::npos) {
      note_known(turns, operation);
    }
  }
  std::sort(turns.begin(), turns.end(),
            [](const Turn& a, const Turn& b) { return a.asked_ns < b.asked_ns; });
  return turns;
}

std::string name_of(const Turn& turn) {
  return turn.who + (turn.is_exclusive ? " (writes)" : " (reads)");
}

// Whether a block is touched only by who has the lock: a shrunk scenario may have lost a call that
// takes it, and then what is read is nobody's fault.
bool is_touched_in_holds(const History& history, const std::vector<Turn>& turns) {
  return std::all_of(history.begin(), history.end(), [&](const Operation& operation) {
    const std::string what = what_of(operation);
    if (what != "read" && what != "write") return true;
    return std::any_of(turns.begin(), turns.end(), [&](const Turn& turn) {
      return turn.who == who_of(operation) && turn.is_locked() &&
             turn.had_ns <= operation.begin_ns && operation.begin_ns <= turn.left_ns;
    });
  });
}

std::optional<std::string> find_two_at_once(const History& history) {
  const std::vector<Turn> turns = turns_of(history);
  for (const Turn& one : turns) {
    for (const Turn& other : turns) {
      if (&one == &other || !one.is_locked() || !other.is_locked() || !conflict(one, other))
        continue;
      if (one.had_ns <= other.had_ns && other.had_ns < one.left_ns) {
        return name_of(one) + " had the lock, and " + name_of(other) + " got it too";
      }
    }
  }
  if (!is_touched_in_holds(history, turns)) return std::nullopt;
  for (const Operation& operation : history) {
    if (what_of(operation) == "read" && operation.result.rfind("torn", 0) == 0) {
      return who_of(operation) + " read a block that nobody wrote, " + operation.result;
    }
  }
  return std::nullopt;
}

std::optional<Overtaken> find_overtaken(const History& history) {
  const std::vector<Turn> turns = turns_of(history);
  std::optional<Overtaken> worst;
  for (const Turn& turn : turns) {
    if (turn.known_ns == kNever) continue;
    const std::optional<Overtaken> found = overtaken(turns, turn);
    if (found && (!worst || found->count > worst->count)) worst = found;
  }
  return worst;
}

std::optional<std::string> find_not_locked(const History& history) {
  for (const Turn& turn : turns_of(history)) {
    if (turn.is_locked() || turn.result.empty() || turn.result == "has it already") continue;
    const bool is_impatient = turn.until_ns < turn.asked_ns + kPatienceNs;
    if (turn.result == "timeout" && is_impatient) continue;
    return name_of(turn) + " should have got the lock: " + turn.result;
  }
  return std::nullopt;
}

}  // namespace kit::dipc_lab
