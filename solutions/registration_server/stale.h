// What a server has left that was killed, and how the next one clears it away.
//
// The objects of a dead server stay in /dev/shm. Its seats say which comm channels it had: each was
// written down before it was made. So they are removed first, and the connect channel, where they
// are written, last. Whoever is killed in the middle of this leaves the rest to the one after him.
//
// An object is a dead server's when its file lock can be had (shared_object.h). Whoever has the
// lock, and nobody else, removes the name, and only if it is still this object's.
//
// Thread-safety, and between processes: any number may try at the same time.
// Errors: std::system_error of the call that failed.
#ifndef REGISTRATION_STALE_H_
#define REGISTRATION_STALE_H_

#include <string>

namespace registration {

enum class Removal {
  kRemoved,  // there was a dead server's connect channel, and now there is none
  kNone,     // there was none
  kInUse,    // there is one, and its server lives
};
Removal remove_stale(const std::string& instance);

}  // namespace registration

#endif  // REGISTRATION_STALE_H_
