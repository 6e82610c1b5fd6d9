#include "exchange.h"

#include <algorithm>

#include "wakeup.h"

namespace registration {

//~ begin step 3: Functions of your own can stand here.
namespace {

bool is_answered(const AnswerSign& sign, std::uint32_t id) {
  return sign.response_id.load(std::memory_order_acquire) == id;
}

bool is_closed(const AnswerSign& sign) {
  return sign.header.state.load(std::memory_order_acquire) == wire::ObjectState::kClosed;
}

}  // namespace
//~ end

Outcome await_answer(const AnswerSign& sign, std::uint32_t id,
                     const std::function<bool()>& is_server_gone, support::Deadline deadline) {
  //~ begin step 3: Look at the id, and sleep until it is time to look again. Who was woken knows
  //~   only that.
  //~| (void)sign;
  //~| (void)id;
  //~| (void)is_server_gone;
  //~| (void)deadline;
  //~| return Outcome::kNoAnswer;
  bool is_gone = false;
  for (;;) {
    // In this order: the last thing a server does before it closes or dies may be to answer us.
    is_gone = is_gone || is_closed(sign);
    if (is_answered(sign, id)) return Outcome::kAnswered;
    if (is_gone) return Outcome::kServerGone;
    support::Deadline look = support::Deadline::after_ms(wire::kLifeCheckMs);
    if (wait(sign.answered, std::min(deadline, look))) continue;
    if (deadline.has_passed()) return Outcome::kNoAnswer;
    is_gone = is_server_gone();
  }
  //~ end
}

}  // namespace registration
