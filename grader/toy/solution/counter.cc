#include "counter.h"

int Counter::add() {
  //~ begin step 1: Add one and return the new count.
  //~   Two threads may do it at once.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return ++count_;
  //~ end
}

int Counter::last() const {
  //~ begin step 1: Return the count.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return count_;
  //~ end
}
