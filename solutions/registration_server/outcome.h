// Outcome: what became of a request, seen from the client. Only with kAnswered is there a
// wire::Status, which is the server's word.
#ifndef REGISTRATION_OUTCOME_H_
#define REGISTRATION_OUTCOME_H_

namespace registration {

enum class Outcome {
  kAnswered,
  kServerGone,  // the server has ended or died; the request may or may not have been carried out
  kNoAnswer,    // the deadline passed first; so may it
};

}  // namespace registration

#endif  // REGISTRATION_OUTCOME_H_
