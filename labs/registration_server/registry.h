// Registry: who is registered, under which name and key, and how many requests were answered.
//
// It lies in the server's own memory. What others need to know of it is copied into the seats of
// the connect channel (connect_server.h).
//
// To look whether a name is free, and to take it, is one step under one lock: two clients that ask
// for the same name at the same time do not both get it.
//
// Every request that was answered is counted once: by its client, a failed one too, the
// registration as the first; or, when it was a registration that was refused, by nobody in
// particular. The counts of those who have left are kept as one sum. So a summary adds up.
//
// Ownership: a Member is shared by the registry and by whoever has found it. One that was removed
// lives on for those, and its messages with it.
// Thread-safety: any thread may call anything. `requests` of a Member is atomic, its Inbox has a
// lock of its own, the rest of it never changes.
// Errors: none, but for want of memory.
#ifndef REGISTRATION_REGISTRY_H_
#define REGISTRATION_REGISTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inbox.h"
#include "keys.h"
#include "wire.h"

namespace registration {

// A client that is registered.
struct Member {
  Member(std::string its_name, wire::Key its_key) : name(std::move(its_name)), key(its_key) {}

  const std::string name;
  const wire::Key key;
  std::atomic<std::uint64_t> requests{1};  // answered; the registration is the first
  Inbox inbox;
};

// What SIGUSR1 asks for. Taken at one moment: total_requests is the sum of all the others.
struct Summary {
  struct Client {
    std::string name;
    wire::Key key;
    std::uint64_t requests;
  };
  std::vector<Client> clients;  // in the order of their names
  std::uint64_t left_clients = 0;
  std::uint64_t left_requests = 0;     // of those who have left
  std::uint64_t refused_requests = 0;  // registrations
  std::uint64_t total_requests = 0;
};

class Registry {
 public:
  explicit Registry(std::size_t max_clients) : max_clients_(max_clients) {}

  struct Added {
    wire::Status status;             // kOk, kBadName, kNameTaken, kFull: the first that is true
    std::shared_ptr<Member> member;  // with kOk
  };
  // has_seat: false when there is none for the client, which is as good as full.
  Added add(std::string_view name, bool has_seat = true);

  // The client of this key; null when there is none, or none any more.
  std::shared_ptr<Member> find(wire::Key key) const;

  // Takes a client out: its name is free. False when it is out already: of two who remove the same
  // one, one gets true.
  bool remove(wire::Key key);

  // Counts a registration that was refused.
  void count_refused();

  Summary summary() const;

 private:
  // TODO(step 2): Who is there, and what guards it.
  const std::size_t max_clients_;
};

}  // namespace registration

#endif  // REGISTRATION_REGISTRY_H_
