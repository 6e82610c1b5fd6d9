// What can happen to a wait for another program, as types: a check that expects a connection to be
// closed tells that apart from one that nobody answers on.
//
// what() is a sentence for a finding's `observed`: who, what was waited for, what had come so far.
#ifndef GRADER_HARNESS_PEER_ERROR_H_
#define GRADER_HARNESS_PEER_ERROR_H_

#include <stdexcept>

namespace kit {

class PeerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The deadline passed.
class Timeout : public PeerError {
 public:
  using PeerError::PeerError;
};

// The other side ended the connection in order (FIN).
class PeerClosed : public PeerError {
 public:
  using PeerError::PeerError;
};

// The other side broke the connection off (RST), or it was gone when something was sent to it.
class PeerReset : public PeerError {
 public:
  using PeerError::PeerError;
};

// More came than the reader was ready to take.
class PeerTooMuch : public PeerError {
 public:
  using PeerError::PeerError;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PEER_ERROR_H_
