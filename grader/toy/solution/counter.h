#ifndef TOY_COUNTER_H_
#define TOY_COUNTER_H_

#include <mutex>

// Counts, from any thread.
class Counter {
 public:
  // Adds one and returns the new count.
  int add();

 private:
  //~ begin step 1: What the counter keeps.
  std::mutex mutex_;
  int count_ = 0;
  //~ end
};

#endif  // TOY_COUNTER_H_
