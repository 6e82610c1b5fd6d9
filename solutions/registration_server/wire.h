// What lies in the memory that the server and its clients share. Given: it is not yours to edit.
//
// Whoever follows this header can talk to the server, in any language. There are two kinds of
// objects, in POSIX shared memory (shm_overview(7)), readable and writable by their user alone:
//
//     /registration.INSTANCE        the connect channel, one for each server
//     /registration.INSTANCE.KEY    the comm channel of one client
//
// Each process maps an object at an address of its own, so there are no pointers in it: things are
// known by number. Everything is zero until the server has filled it in. Then the server stores
// kOpen into header.state, and whoever sees that (acquire) sees all the rest.
//
// One exchange, the same on both channels:
//
//     client                                  server
//     fills in the request
//     request.id = the last id + 1 (release)
//     posts `requested`                       waits on `requested`, looks at request.id (acquire)
//                                             it is not the id that was answered last: carries it
//                                             out, and fills in the response
//     waits on `answered` until               response.id = request.id (release)
//     response.id == request.id (acquire)     posts `answered`
//
// The ids say what is so; the semaphores say only that it is time to look. A post may be left over
// from somebody who died before he took it, and one may be missing for the same reason. The last id
// is response.id, seen before the request. A client that finds request.id != response.id on the
// connect channel has come after one that died or gave up: that request is still the server's. The
// client posts `requested` for it, and waits for its answer, before it writes anything.
//
// To register:
//   1. Lock `mutex`. It is robust: EOWNERDEAD is made consistent, and the paragraph above repairs
//      what the dead client has left.
//   2. Find a seat that is kFree, and lock its `presence`. (Somebody may have it for a moment: the
//      one who just leaves the seat, or the server, which looks whether anybody has it.) Keep the
//      presence as long as you want to be a client: when you die the kernel gives it free, and that
//      is how the server learns of it. Without a free seat, the number is kNoSeat.
//   3. One exchange: kRegister, the name, the seat.
//   4. Unlock `mutex`. If the status is kOk, seats[seat].channel_name says which object to open
//      next. Otherwise unlock the presence.
// The presence belongs to the thread that locked it. Unlock it before you unmap the object.
//
// The server is gone when header.state of a channel is kClosed, or when its own robust mutex,
// `server_life`, can be had. It holds that one from before kOpen until after kClosed. A client that
// waits looks every kLifeCheckMs.
//
// What is trusted: the mutexes, the semaphores, the headers, and that nobody makes an object
// smaller. What is in a request is not.
#ifndef REGISTRATION_WIRE_H_
#define REGISTRATION_WIRE_H_

#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace registration::wire {

inline constexpr std::uint64_t kConnectMagic = 0x7265'6763'6f6e'6e31;
inline constexpr std::uint64_t kCommMagic = 0x7265'6763'6f6d'6d31;
inline constexpr std::uint32_t kVersion = 1;

inline constexpr std::size_t kMaxInstanceBytes = 32;  // of the same characters as a client's name
inline constexpr std::size_t kMaxNameBytes = 32;
inline constexpr std::size_t kMaxTextBytes = 1024;
inline constexpr std::size_t kInboxMessages = 64;
inline constexpr std::size_t kMaxClients = 256;  // of any server; each has a limit of its own
inline constexpr std::size_t kObjectNameBytes = 72;
inline constexpr std::uint32_t kNoSeat = 0xffff'ffff;
inline constexpr std::int64_t kLifeCheckMs = 100;

// A client's address. It is shown as 16 hexadecimal digits, small letters. 0 is never a key.
using Key = std::uint64_t;
inline constexpr Key kNoKey = 0;

enum class ObjectState : std::uint32_t { kBeingMade = 0, kOpen = 1, kClosed = 2 };

enum class SeatState : std::uint32_t { kFree = 0, kTaken = 1 };

enum class Action : std::uint32_t {
  kRegister = 1,  // the only one on the connect channel
  kSend = 2,      // these on a comm channel
  kReceive = 3,
  kList = 4,
  kStats = 5,
  kUnregister = 6,  // kOk; the channel's object is removed by then, and the channel kClosed
};

enum class Status : std::uint32_t {
  kOk = 1,
  kNameTaken = 2,
  kBadName = 3,
  kFull = 4,  // no seat, or no memory or thread for one client more
  kNoSuchClient = 5,
  kMailboxFull = 6,
  kTooLong = 7,
  kEmpty = 8,       // no message waits
  kBadRequest = 9,  // what no action allows: an unknown one, a seat that is not free, an empty text
};

struct Header {
  std::uint64_t magic;
  std::uint32_t version;
  std::atomic<ObjectState> state;
};

// The connect channel.

struct ConnectRequest {
  std::atomic<std::uint32_t> id;
  Action action;
  std::uint32_t seat;
  std::uint32_t name_bytes;  // the true length, even if it is more than there is room for
  char name[kMaxNameBytes];
};

struct ConnectResponse {
  std::atomic<std::uint32_t> id;
  Status status;
  Key key;
};

// The structure of one client. `presence` is the client's, `state` is atomic since everybody looks
// at it; the rest is written by the server, before the response to the registration.
struct alignas(64) Seat {
  pthread_mutex_t presence;
  std::atomic<SeatState> state;
  std::atomic<std::uint64_t> requests;  // of this client that were answered
  Key key;                              // kNoKey: there is no comm channel
  char name[kMaxNameBytes + 1];         // ends with a NUL, as does the next one
  char channel_name[kObjectNameBytes];
};

struct ConnectChannel {
  Header header;
  std::uint32_t max_clients;  // so many of the seats are in use
  pthread_mutex_t server_life;
  pthread_mutex_t mutex;  // between the clients, for one exchange
  alignas(64) sem_t requested;
  sem_t answered;
  alignas(64) ConnectRequest request;
  alignas(64) ConnectResponse response;
  Seat seats[kMaxClients];
};

// The comm channel.

struct CommRequest {
  std::atomic<std::uint32_t> id;
  Action action;
  Key to;                    // kSend
  std::uint32_t text_bytes;  // kSend: the true length, even if it is more than there is room for
  char text[kMaxTextBytes];  // without an end mark
};

struct ListEntry {
  Key key;
  char name[kMaxNameBytes + 1];  // ends with a NUL
};

struct Stats {
  std::uint64_t requests;        // of this client, this one and its registration with them
  std::uint64_t total_requests;  // of all, ever
  std::uint32_t clients;         // registered now
  std::uint32_t waiting;         // messages in the client's inbox
};

struct CommResponse {
  std::atomic<std::uint32_t> id;
  Status status;
  Key from;                           // kReceive: whose message it is
  char from_name[kMaxNameBytes + 1];  // its name when it sent it; ends with a NUL
  std::uint32_t text_bytes;
  char text[kMaxTextBytes];  // without an end mark
  Stats stats;               // kStats
  std::uint32_t listed;      // kList: so many entries, in the order of their names
  ListEntry entries[kMaxClients];
};

struct CommChannel {
  Header header;
  alignas(64) sem_t requested;
  sem_t answered;
  alignas(64) CommRequest request;
  alignas(64) CommResponse response;
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free &&
                  std::atomic<std::uint64_t>::is_always_lock_free,
              "an atomic that needs a lock has it in one process only");

// The objects' names, and a key as it is shown.

inline std::string key_text(Key key) {
  std::string digits(16, '0');
  for (std::size_t i = digits.size(); i-- > 0; key /= 16) digits[i] = "0123456789abcdef"[key % 16];
  return digits;
}

inline std::string connect_object_name(std::string_view instance) {
  return "/registration." + std::string(instance);
}

inline std::string comm_object_name(std::string_view instance, Key key) {
  return connect_object_name(instance) + "." + key_text(key);
}

}  // namespace registration::wire

#endif  // REGISTRATION_WIRE_H_
