#include "grader/harness/linearize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <stdexcept>

namespace kit {
namespace {

using Verdict = LinearizeResult::Verdict;

struct Register {
  std::string value = "0";

  bool apply(const Operation& op) {
    if (op.call == "write") {
      value = op.args.at(0);
      return true;
    }
    return !op.completed || op.result == value;
  }
  std::string fingerprint() const { return value; }
};

struct Queue {
  std::deque<std::string> items;

  bool apply(const Operation& op) {
    if (op.call == "push") {
      items.push_back(op.args.at(0));
      return true;
    }
    const std::string front = items.empty() ? "empty" : items.front();
    if (!items.empty()) items.pop_front();
    return !op.completed || op.result == front;
  }
  std::string fingerprint() const {
    std::string text;
    for (const std::string& item : items) text += item + ",";
    return text;
  }
};

class Recorder {
 public:
  Recorder& call(int thread, std::int64_t begin, std::int64_t end, const std::string& name,
                 const std::string& arg, const std::string& result = "") {
    Operation op;
    op.thread = thread;
    op.index = counts_[static_cast<std::size_t>(thread)]++;
    op.call = name;
    if (!arg.empty()) op.args.push_back(arg);
    op.result = result;
    op.completed = end >= 0;
    op.begin_ns = begin;
    op.end_ns = end;
    history.push_back(op);
    return *this;
  }
  History history;

 private:
  int counts_[64] = {};
};

template <class Model>
Verdict verdict(const Recorder& recorder) {
  return check_linearizable(recorder.history, Model{}).verdict;
}

TEST(Linearize, EmptyHistoryIsLinearizable) {
  EXPECT_EQ(check_linearizable(History{}, Register{}).verdict, Verdict::kLinearizable);
}

TEST(Linearize, OverlappingReadMaySeeOldOrNew) {
  for (const char* seen : {"0", "1"}) {
    Recorder r;
    r.call(0, 0, 10, "write", "1").call(1, 5, 8, "read", "", seen);
    EXPECT_EQ(verdict<Register>(r), Verdict::kLinearizable) << seen;
  }
}

TEST(Linearize, StaleReadAfterTheWriteReturned) {
  Recorder r;
  r.call(0, 0, 10, "write", "1").call(1, 11, 12, "read", "", "0");
  const LinearizeResult result = check_linearizable(r.history, Register{});
  EXPECT_EQ(result.verdict, Verdict::kNotLinearizable);
  EXPECT_EQ(result.order, (std::vector<std::size_t>{0}));
  EXPECT_EQ(result.blocked, (std::vector<std::size_t>{1}));
  EXPECT_EQ(result.state, "1");
}

TEST(Linearize, NewThenOldDuringOneWrite) {
  Recorder r;
  r.call(0, 0, 100, "write", "1").call(1, 10, 20, "read", "", "1").call(2, 30, 40, "read", "", "0");
  EXPECT_EQ(verdict<Register>(r), Verdict::kNotLinearizable);
}

TEST(Linearize, TheSameMomentCountsAsOverlap) {
  Recorder r;
  r.call(0, 0, 10, "write", "1").call(1, 10, 12, "read", "", "0");
  EXPECT_EQ(verdict<Register>(r), Verdict::kLinearizable);
}

TEST(Linearize, OneThreadsOrderHoldsAtTheSameMoment) {
  Recorder r;
  r.call(0, 0, 10, "write", "1").call(0, 10, 12, "read", "", "0");
  EXPECT_EQ(verdict<Register>(r), Verdict::kNotLinearizable);
}

TEST(Linearize, PendingWriteMayHaveHappenedOrNot) {
  for (const char* seen : {"0", "1"}) {
    Recorder r;
    r.call(0, 0, -1, "write", "1").call(1, 50, 60, "read", "", seen);
    EXPECT_EQ(verdict<Register>(r), Verdict::kLinearizable) << seen;
  }
}

TEST(Linearize, PendingWriteCannotBeUndone) {
  Recorder r;
  r.call(0, 0, -1, "write", "1").call(1, 50, 60, "read", "", "1").call(1, 70, 80, "read", "", "0");
  EXPECT_EQ(verdict<Register>(r), Verdict::kNotLinearizable);
}

TEST(Linearize, ItemPoppedTwice) {
  Recorder r;
  r.call(0, 0, 1, "push", "a").call(1, 2, 9, "pop", "", "a").call(2, 3, 8, "pop", "", "a");
  EXPECT_EQ(verdict<Queue>(r), Verdict::kNotLinearizable);
}

TEST(Linearize, QueueOutOfOrder) {
  Recorder r;
  r.call(0, 0, 1, "push", "a").call(0, 2, 3, "push", "b");
  r.call(1, 4, 5, "pop", "", "b").call(1, 6, 7, "pop", "", "a");
  EXPECT_EQ(verdict<Queue>(r), Verdict::kNotLinearizable);
}

TEST(Linearize, ConcurrentPushesMaySwap) {
  Recorder r;
  r.call(0, 0, 5, "push", "a").call(2, 2, 6, "push", "b");
  r.call(1, 7, 8, "pop", "", "b").call(1, 9, 10, "pop", "", "a");
  EXPECT_EQ(verdict<Queue>(r), Verdict::kLinearizable);
}

TEST(Linearize, OverlapWithinOneThreadIsNoHistory) {
  Recorder r;
  r.call(0, 0, 10, "write", "1").call(0, 5, 12, "read", "", "1");
  EXPECT_THROW(verdict<Register>(r), std::invalid_argument);
}

TEST(Linearize, CallAfterAPendingOneOfItsThreadIsNoHistory) {
  Recorder r;
  r.call(0, 0, -1, "write", "1").call(0, 5, 12, "read", "", "1");
  EXPECT_THROW(verdict<Register>(r), std::invalid_argument);
}

TEST(Linearize, BudgetEndsInUndecided) {
  Recorder r;  // ten concurrent pushes and a pop that no order allows: 10! orders
  for (int i = 0; i < 10; ++i) r.call(i, 0, 100, "push", std::to_string(i));
  r.call(10, 200, 201, "pop", "", "x");
  const LinearizeResult result = check_linearizable(r.history, Queue{}, {.nodes = 1'000});
  EXPECT_EQ(result.verdict, Verdict::kUndecided);
  EXPECT_LE(result.nodes, 1'000u);
}

TEST(Linearize, ExplanationNamesWhatDoesNotFit) {
  Recorder r;
  r.call(0, 0, 10, "write", "1").call(1, 11, 12, "read", "", "0");
  EXPECT_EQ(explain(r.history, check_linearizable(r.history, Register{})),
            "no order of these calls explains their results. The longest that does has 1 of 2 "
            "calls:\n"
            "  thread 0: write(1) -> \"\"\n"
            "then the state is 1, and one of these had to come next:\n"
            "  thread 1: read() -> 0\n");
}

// The ring of the first lab in small: storing gives a sequence number, and reading gives the
// newest.
struct Numbered {
  int count = 0;
  std::string newest = "none";

  bool apply(const Operation& op) {
    if (op.call == "push") {
      newest = op.args.at(0);
      ++count;
      return !op.completed || op.result == std::to_string(count);
    }
    return !op.completed || op.result == newest;
  }
  std::string fingerprint() const { return std::to_string(count) + ":" + newest; }
};

std::string answer(Numbered& model, const Operation& op) {
  return op.call == "push" ? std::to_string(model.count + 1) : model.newest;
}

std::string answer(Queue& model, const Operation& op) {
  if (op.call == "push") return "";
  return model.items.empty() ? "empty" : model.items.front();
}

// A history made by really running the model: every call takes effect at a moment of its own, the
// next one 10 ns later, and its begin and end lie up to `spread_ns` around it.
template <class Model>
History run_model(int threads, int calls, unsigned pops_percent, int spread_ns,
                  std::mt19937& random) {
  Model model;
  History history;
  std::int64_t now = 0;
  std::vector<std::int64_t> free_at(static_cast<std::size_t>(threads), 0);
  for (int i = 0; i < threads * calls; ++i) {
    Operation op;
    op.thread = i % threads;
    op.index = i / threads;
    op.call = random() % 100 < pops_percent ? "pop" : "push";
    if (op.call == "push") op.args.push_back(std::to_string(i));
    std::int64_t& free = free_at[static_cast<std::size_t>(op.thread)];
    now = std::max(now, free) + 10;
    const auto spread = static_cast<unsigned>(spread_ns);
    op.begin_ns = std::max<std::int64_t>(free, now - static_cast<std::int64_t>(random() % spread));
    op.end_ns = now + static_cast<std::int64_t>(random() % spread);
    op.completed = true;
    op.result = answer(model, op);
    EXPECT_TRUE(model.apply(op));
    free = op.end_ns;
    history.push_back(op);
  }
  return history;
}

TEST(Linearize, TenThreadsOfAHundredNumberedCalls) {
  std::mt19937 random(7);
  for (int round = 0; round < 10; ++round) {
    const History history = run_model<Numbered>(10, 100, 50, 90, random);
    const LinearizeResult result = check_linearizable(history, Numbered{});
    EXPECT_EQ(result.verdict, Verdict::kLinearizable);
    EXPECT_EQ(result.order.size(), 1'000u);
    EXPECT_LT(result.nodes, 100'000u);
  }
}

// What makes queues hard: the order of two pushes shows only when both have been popped. With more
// pops than pushes that is soon.
TEST(Linearize, TenThreadsOfAHundredQueueCalls) {
  std::mt19937 random(7);
  for (int round = 0; round < 10; ++round) {
    const History history = run_model<Queue>(10, 100, 70, 90, random);
    EXPECT_EQ(check_linearizable(history, Queue{}).verdict, Verdict::kLinearizable);
  }
}

TEST(Linearize, OneWrongAnswerAmongAThousandIsFound) {
  std::mt19937 random(8);
  History history = run_model<Numbered>(10, 100, 50, 90, random);
  history[500].result = "never stored";
  EXPECT_EQ(check_linearizable(history, Numbered{}).verdict, Verdict::kNotLinearizable);
}

// All orders of all calls, without any cleverness.
bool brute_force(const History& history, const Register& state, std::vector<bool>& used) {
  bool all = true;
  for (std::size_t i = 0; i < history.size(); ++i) all &= used[i] || !history[i].completed;
  if (all) return true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (used[i]) continue;
    bool allowed = true;
    for (std::size_t j = 0; j < history.size(); ++j) {
      const Operation& other = history[j];
      if (used[j] || i == j) continue;
      const bool before = other.completed && other.end_ns < history[i].begin_ns;
      const bool own = other.thread == history[i].thread && other.index < history[i].index;
      if (before || own) allowed = false;
    }
    Register next = state;
    if (!allowed || !next.apply(history[i])) continue;
    used[i] = true;
    if (brute_force(history, next, used)) return true;
    used[i] = false;
  }
  return false;
}

History random_history(std::mt19937& random) {
  History history;
  const int threads = 1 + static_cast<int>(random() % 3);
  for (int thread = 0; thread < threads; ++thread) {
    std::int64_t now = 0;
    const int calls = 1 + static_cast<int>(random() % 3);
    for (int index = 0; index < calls; ++index) {
      Operation op;
      op.thread = thread;
      op.index = index;
      op.begin_ns = now + static_cast<std::int64_t>(random() % 4);
      op.end_ns = op.begin_ns + static_cast<std::int64_t>(random() % 6);
      op.completed = index + 1 < calls || random() % 5 != 0;
      op.call = random() % 2 == 0 ? "write" : "read";
      if (op.call == "write") op.args.push_back(std::to_string(random() % 3));
      if (op.call == "read") op.result = std::to_string(random() % 3);
      now = op.end_ns;
      history.push_back(op);
    }
  }
  return history;
}

TEST(Linearize, AgreesWithBruteForceOnSmallHistories) {
  std::mt19937 random(1);
  int linearizable = 0;
  constexpr int kHistories = 20'000;
  for (int i = 0; i < kHistories; ++i) {
    const History history = random_history(random);
    std::vector<bool> used(history.size(), false);
    const bool expected = brute_force(history, Register{}, used);
    linearizable += expected ? 1 : 0;
    const LinearizeResult result = check_linearizable(history, Register{});
    ASSERT_EQ(result.verdict, expected ? Verdict::kLinearizable : Verdict::kNotLinearizable)
        << "history " << i << "\n"
        << explain(history, result);
  }
  // Both kinds were really there.
  EXPECT_GT(linearizable, kHistories / 10);
  EXPECT_LT(linearizable, kHistories * 9 / 10);
}

}  // namespace
}  // namespace kit
