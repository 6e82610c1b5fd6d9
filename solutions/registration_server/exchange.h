// How a client waits for its answer, on either channel.
//
// Thread-safety: the function keeps no state. Errors: none.
#ifndef REGISTRATION_EXCHANGE_H_
#define REGISTRATION_EXCHANGE_H_

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <functional>

#include "labs/support/deadline.h"
#include "outcome.h"
#include "wire.h"

namespace registration {

// Where a channel shows that a request is answered.
struct AnswerSign {
  const wire::Header& header;
  const std::atomic<std::uint32_t>& response_id;
  sem_t* answered;
};

// Waits until the request of this id is answered, the server is gone, or the deadline has passed.
// An answer that is there counts, whatever has become of the server since. is_server_gone is asked
// every wire::kLifeCheckMs; that the channel is closed is seen without it.
Outcome await_answer(const AnswerSign& sign, std::uint32_t id,
                     const std::function<bool()>& is_server_gone, support::Deadline deadline);

}  // namespace registration

#endif  // REGISTRATION_EXCHANGE_H_
