#include "guests.h"

#include <utility>

namespace ring {

Guests::Seat::Seat(Seat&& other) noexcept
    : guests_(std::exchange(other.guests_, nullptr)), name_(std::move(other.name_)) {}

Guests::Seat Guests::take_seat() {
  //~ begin step 4: A seat while there are fewer than max_guests_.
  //~| return max_guests_ > 0 ? Seat(this) : Seat();
  std::lock_guard lock(mutex_);
  if (taken_ == max_guests_) return Seat();
  ++taken_;
  return Seat(this);
  //~ end
}

bool Guests::Seat::take_name(const std::string& name) {
  //~ begin step 4: To look whether the name is free and to take it must be one step, or two clients
  //~   with the same name can both find it free.
  //~| name_ = name;
  //~| return true;
  std::lock_guard lock(guests_->mutex_);
  if (!guests_->names_.insert(name).second) return false;
  name_ = name;
  return true;
  //~ end
}

void Guests::Seat::leave() {
  //~ begin step 4: Gives back what this seat has taken, once.
  //~| guests_ = nullptr;
  Guests* guests = std::exchange(guests_, nullptr);
  if (guests == nullptr) return;
  std::lock_guard lock(guests->mutex_);
  --guests->taken_;
  if (!name_.empty()) guests->names_.erase(name_);
  //~ end
}

}  // namespace ring
