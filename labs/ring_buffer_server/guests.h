// Guests: how many clients are in, and under which names.
//
// The server lets in at most so many clients at a time, and no two under the same name. A Seat is
// one client's place. It is given back when the Seat is destroyed, on whatever way the connection
// ends, or earlier by leave(): a client that has read BYE must find its name free when it comes
// back at once, although its old thread may still be on its way out.
//
// Ownership: a Seat belongs to one connection and must not outlive its Guests.
// Thread-safety: Guests may be used from any thread; one Seat by one thread at a time.
// Errors: std::bad_alloc only.
#ifndef RING_BUFFER_SERVER_GUESTS_H_
#define RING_BUFFER_SERVER_GUESTS_H_

#include <cstddef>
#include <mutex>
#include <set>
#include <string>

namespace ring {

class Guests {
 public:
  class Seat {
   public:
    Seat() = default;  // no seat at all
    Seat(Seat&& other) noexcept;
    Seat& operator=(Seat&&) = delete;
    ~Seat() { leave(); }

    explicit operator bool() const { return guests_ != nullptr; }

    // Takes a name for as long as the seat is held. False when somebody has it.
    bool take_name(const std::string& name);

    // Gives the seat and the name back.
    void leave();

   private:
    friend class Guests;
    explicit Seat(Guests* guests) : guests_(guests) {}

    Guests* guests_ = nullptr;
    std::string name_;  // empty: none yet
  };

  explicit Guests(std::size_t max_guests) : max_guests_(max_guests) {}

  // A seat, or no seat when all are taken.
  Seat take_seat();

 private:
  const std::size_t max_guests_;
  // TODO(step 4): What is shared by the connections' threads, and the mutex that guards it.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_GUESTS_H_
