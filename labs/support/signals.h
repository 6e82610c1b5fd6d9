// Signals as something to wait for, instead of something that breaks in.
//
// A signal handler runs in the middle of whatever the program was doing and may call next to
// nothing (signal-safety(7)). A blocked signal waits until somebody asks, and a signalfd(2) lets
// poll() ask for it together with sockets. No handler is needed at all.
//
//     UniqueFd stop = open_stop_signals();   // first thing in main()
//     ... poll on stop.get() and on the sockets; readable: time to go ...
//
// Call it before the first thread is started: a thread inherits what its maker had blocked, and a
// signal that one thread has not blocked is delivered to that thread and ends the process.
#ifndef LABS_SUPPORT_SIGNALS_H_
#define LABS_SUPPORT_SIGNALS_H_

#include "labs/support/fd.h"

namespace support {

// Blocks SIGINT and SIGTERM for this thread and those it will start, and returns a descriptor that
// is readable from the moment one of them arrives. Throws std::system_error.
UniqueFd open_stop_signals();

// Lets a write to a peer that has gone fail with EPIPE instead of ending the process. socket.h asks
// for that call by call, but a library that writes to the socket itself, as OpenSSL does, cannot.
void ignore_sigpipe();

// Allows this process as many descriptors as the system lets it have: the usual 1024 are used up
// by a thousand clients. A refusal is no error: the program then has fewer.
void raise_descriptor_limit();

}  // namespace support

#endif  // LABS_SUPPORT_SIGNALS_H_
