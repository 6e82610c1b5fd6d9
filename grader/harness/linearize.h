// Linearisability: could the calls of this history have taken effect one after the other, each at
// some moment between its begin and its end, so that a simple sequential object gives just these
// results?
//
// The search is Wing and Gong's: pick a call that may come first (no other call ended before it
// began), let the model carry it out, go on with the rest, and step back when the model gives
// another result than the history. Lowe's addition makes it fast: a set of calls carried out and
// the state they led to are remembered, and the same pair is never entered twice. A thread's own
// calls come in its own order, so the set is kept as one count per thread.
//
// The problem is NP-complete. The search therefore has a budget of nodes, and running out of it is
// an answer of its own, kUndecided, which must never cost a student anything.
//
// The model is a value type:
//
//   struct Register {
//     int value = 0;
//     // Carries the call out; false if it cannot give this result in this state (the state may
//     // then be left as it likes). A call that never ended has no result: take any.
//     bool apply(const Operation& op);
//     // Equal for equal states, different for different ones. Shown to a person on failure.
//     std::string fingerprint() const;
//   };
//   LinearizeResult result = check_linearizable(history, Register{});
//
// A call without an end (the thread was killed, or hung) may have taken effect at any moment after
// its begin, or never. It must be the last of its thread.
//
// Thread-safety: no state outside the call.
// Errors: std::invalid_argument for a history that is none: calls of one thread that overlap, or an
// end before its begin.
// Sources: Wing, Gong: Testing and verifying concurrent objects, JPDC 17 (1993). Lowe: Testing for
// linearizability, CCPE 29(4) (2017).
#ifndef GRADER_HARNESS_LINEARIZE_H_
#define GRADER_HARNESS_LINEARIZE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/history.h"

namespace kit {

struct LinearizeResult {
  enum class Verdict { kLinearizable, kNotLinearizable, kUndecided };

  Verdict verdict = Verdict::kUndecided;
  // Indices into the history: the longest order found (all calls when it is linearisable) ...
  std::vector<std::size_t> order;
  // ... the model's fingerprint after it ...
  std::string state;
  // ... and the calls that had to come next there, which the model answers otherwise.
  std::vector<std::size_t> blocked;
  std::uint64_t nodes = 0;
};

struct LinearizeLimits {
  std::uint64_t nodes = 1'000'000;
};

namespace internal {

// The model with its type forgotten, so that the search is compiled once.
class AnyModel {
 public:
  virtual ~AnyModel() = default;
  virtual bool apply(const Operation& operation) = 0;
  virtual std::string fingerprint() const = 0;
  virtual std::unique_ptr<AnyModel> clone() const = 0;
};

template <class Model>
class ModelHolder final : public AnyModel {
 public:
  explicit ModelHolder(Model model) : model_(std::move(model)) {}
  bool apply(const Operation& operation) override { return model_.apply(operation); }
  std::string fingerprint() const override { return model_.fingerprint(); }
  std::unique_ptr<AnyModel> clone() const override { return std::make_unique<ModelHolder>(*this); }

 private:
  Model model_;
};

LinearizeResult search_order(const History& history, std::unique_ptr<AnyModel> initial,
                             LinearizeLimits limits);

}  // namespace internal

template <class Model>
LinearizeResult check_linearizable(const History& history, Model initial,
                                   LinearizeLimits limits = {}) {
  return internal::search_order(
      history, std::make_unique<internal::ModelHolder<Model>>(std::move(initial)), limits);
}

// For a finding's `observed`: the last calls of the order found, the state after them, and each
// call that fits nowhere. Empty for a linearisable history.
std::string explain(const History& history, const LinearizeResult& result);

}  // namespace kit

#endif  // GRADER_HARNESS_LINEARIZE_H_
