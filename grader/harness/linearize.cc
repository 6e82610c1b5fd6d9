#include "grader/harness/linearize.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <stdexcept>
#include <unordered_set>

namespace kit {
namespace {

using Verdict = LinearizeResult::Verdict;

// One thread's calls, as indices into the history, in the order in which it made them.
using Track = std::vector<std::size_t>;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::int64_t end_of(const Operation& operation) {
  return operation.completed ? operation.end_ns : kNever;
}

void require_sequential(const History& history, const Track& track) {
  for (std::size_t i = 0; i < track.size(); ++i) {
    const Operation& operation = history[track[i]];
    if (operation.completed && operation.end_ns < operation.begin_ns) {
      throw std::invalid_argument("a call that ends before it begins: " + operation.call);
    }
    if (i > 0 && end_of(history[track[i - 1]]) > operation.begin_ns) {
      throw std::invalid_argument("calls of thread " + std::to_string(operation.thread) +
                                  " overlap: " + history[track[i - 1]].call + " and " +
                                  operation.call);
    }
  }
}

std::vector<Track> tracks_of(const History& history) {
  std::map<int, Track> by_thread;
  for (std::size_t i = 0; i < history.size(); ++i) by_thread[history[i].thread].push_back(i);
  std::vector<Track> tracks;
  for (auto& [thread, track] : by_thread) {
    std::stable_sort(track.begin(), track.end(), [&](std::size_t a, std::size_t b) {
      return history[a].index < history[b].index;
    });
    require_sequential(history, track);
    tracks.push_back(std::move(track));
  }
  return tracks;
}

class Search {
 public:
  Search(const History& history, LinearizeLimits limits)
      : history_(history),
        limits_(limits),
        tracks_(tracks_of(history)),
        done_(tracks_.size(), 0),
        completed_left_(static_cast<std::size_t>(
            std::count_if(history.begin(), history.end(),
                          [](const Operation& operation) { return operation.completed; }))) {}

  LinearizeResult run(std::unique_ptr<internal::AnyModel> initial) {
    enter(std::move(initial));
    while (completed_left_ > 0 && !stack_.empty() && result_.nodes < limits_.nodes) step();
    if (completed_left_ == 0) {
      result_.verdict = Verdict::kLinearizable;
      result_.blocked.clear();
    } else if (stack_.empty()) {
      result_.verdict = Verdict::kNotLinearizable;
    }
    return std::move(result_);
  }

 private:
  // A state on the way down: what may come next in it, and what has been tried of that.
  struct Frame {
    std::unique_ptr<internal::AnyModel> state;
    std::vector<std::size_t> candidates;  // tracks
    std::size_t tried = 0;
    std::size_t came_by = 0;  // the track whose call led here
  };

  const Operation& next_of(std::size_t track) const {
    return history_[tracks_[track][done_[track]]];
  }

  // The calls that may come next: those that began before any outstanding call had ended. They are
  // tried in the order of their ends, which is right at once for most histories.
  std::vector<std::size_t> candidates() const {
    std::int64_t bound = kNever;
    std::vector<std::size_t> found;
    for (std::size_t track = 0; track < tracks_.size(); ++track) {
      if (done_[track] == tracks_[track].size()) continue;
      bound = std::min(bound, end_of(next_of(track)));
      found.push_back(track);
    }
    std::erase_if(found, [&](std::size_t track) { return next_of(track).begin_ns > bound; });
    std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
      return end_of(next_of(a)) < end_of(next_of(b));
    });
    return found;
  }

  void enter(std::unique_ptr<internal::AnyModel> state, std::size_t came_by = 0) {
    const bool deepest = stack_.empty() || stack_.size() > result_.order.size();
    stack_.push_back({std::move(state), candidates(), 0, came_by});
    if (deepest) note_deepest();
  }

  void step() {
    Frame& frame = stack_.back();
    if (frame.tried == frame.candidates.size()) return leave();
    const std::size_t track = frame.candidates[frame.tried++];
    std::unique_ptr<internal::AnyModel> state = frame.state->clone();
    ++result_.nodes;
    if (!state->apply(next_of(track))) {
      if (stack_.size() == result_.order.size() + 1) note_blocked(track);
      return;
    }
    move(track, +1);
    if (seen_.insert(key(*state)).second) {
      enter(std::move(state), track);
    } else {
      move(track, -1);
    }
  }

  void leave() {
    const std::size_t track = stack_.back().came_by;
    stack_.pop_back();
    if (!stack_.empty()) move(track, -1);
  }

  void move(std::size_t track, int by) {
    if (by < 0) --done_[track];
    if (next_of(track).completed) completed_left_ -= static_cast<std::size_t>(by);
    if (by > 0) ++done_[track];
  }

  std::string key(const internal::AnyModel& state) const {
    std::string bytes(done_.size() * sizeof(done_[0]), '\0');
    std::memcpy(bytes.data(), done_.data(), bytes.size());
    return bytes + state.fingerprint();
  }

  void note_deepest() {
    result_.order.clear();
    result_.blocked.clear();
    std::vector<std::size_t> counts(tracks_.size(), 0);
    for (std::size_t i = 1; i < stack_.size(); ++i) {
      const std::size_t track = stack_[i].came_by;
      result_.order.push_back(tracks_[track][counts[track]++]);
    }
    result_.state = stack_.back().state->fingerprint();
  }

  // At the deepest place found so far, and only in the first such state: what is said later is one
  // order and the calls that do not fit behind it.
  void note_blocked(std::size_t track) {
    if (stack_.back().state->fingerprint() != result_.state) return;
    const std::size_t operation = tracks_[track][done_[track]];
    if (std::find(result_.blocked.begin(), result_.blocked.end(), operation) ==
        result_.blocked.end()) {
      result_.blocked.push_back(operation);
    }
  }

  const History& history_;
  const LinearizeLimits limits_;
  const std::vector<Track> tracks_;
  std::vector<std::uint32_t> done_;  // how many calls of each track are carried out
  std::size_t completed_left_;
  std::vector<Frame> stack_;
  std::unordered_set<std::string> seen_;
  LinearizeResult result_;
};

std::string line_of(const Operation& operation) {
  return "  thread " + std::to_string(operation.thread) + ": " + render(operation) + "\n";
}

}  // namespace

namespace internal {

LinearizeResult search_order(const History& history, std::unique_ptr<AnyModel> initial,
                             LinearizeLimits limits) {
  return Search(history, limits).run(std::move(initial));
}

}  // namespace internal

std::string explain(const History& history, const LinearizeResult& result) {
  constexpr std::size_t kShown = 10;
  if (result.verdict == Verdict::kLinearizable) return "";
  if (result.verdict == Verdict::kUndecided) {
    return "undecided: no order of the calls was found, and the search was given up after " +
           std::to_string(result.nodes) + " steps\n";
  }
  std::string text = "no order of these calls explains their results. The longest that does has " +
                     std::to_string(result.order.size()) + " of " + std::to_string(history.size()) +
                     " calls";
  text += result.order.size() > kShown ? ", its last ones:\n" : ":\n";
  for (std::size_t i = result.order.size() - std::min(kShown, result.order.size());
       i < result.order.size(); ++i) {
    text += line_of(history[result.order[i]]);
  }
  text += "then the state is " + result.state + ", and one of these had to come next:\n";
  for (std::size_t i : result.blocked) text += line_of(history[i]);
  return text;
}

}  // namespace kit
