#include "guests.h"

#include <utility>

namespace ring {

Guests::Seat::Seat(Seat&& other) noexcept
    : guests_(std::exchange(other.guests_, nullptr)), name_(std::move(other.name_)) {}

Guests::Seat Guests::take_seat() {
  // TODO(step 4): A seat while there are fewer than max_guests_.
  return max_guests_ > 0 ? Seat(this) : Seat();
}

bool Guests::Seat::take_name(const std::string& name) {
  // TODO(step 4): To look whether the name is free and to take it must be one step, or two clients
  // with the same name can both find it free.
  name_ = name;
  return true;
}

void Guests::Seat::leave() {
  // TODO(step 4): Gives back what this seat has taken, once.
  guests_ = nullptr;
}

}  // namespace ring
