#ifndef TOY_COUNTER_H_
#define TOY_COUNTER_H_

#include <mutex>

// Counts, from any thread.
class Counter {
 public:
  // Adds one and returns the new count.
  int add();

  // The count; 0 at first.
  int last() const;

 private:
  //~ begin step 1: What the counter keeps.
  mutable std::mutex mutex_;
  int count_ = 0;
  //~ end
};

#endif  // TOY_COUNTER_H_
