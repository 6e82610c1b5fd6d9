// Server: the connect channel, a worker for each client, and the watch over who lives.
//
//     Log log(path);
//     Server server({.instance = "demo", .max_clients = 64}, log);
//     server.start();
//     ... wait for a signal ...
//     server.stop();
//     print(server.summary());
//
// One thread serves the connect channel. In between, every kDeathCheckMs, it looks whether the
// clients live, if there are any, and joins the workers that have ended. With no client it sleeps
// until one comes.
//
// Lock order: there is none to keep, since no thread holds two locks.
//
// Ownership: owns the channels and the threads; borrows the log.
// Thread-safety: start(), stop() and the destructor belong to the thread that made it; summary()
// may be called from any.
// Errors: the constructor throws ObjectExists when another server has this instance, and
// std::system_error. What goes wrong later goes to the log.
#ifndef REGISTRATION_SERVER_H_
#define REGISTRATION_SERVER_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "connect_server.h"
#include "log.h"
#include "registry.h"
#include "worker.h"

namespace registration {

struct ServerOptions {
  std::string instance = "default";
  std::uint32_t max_clients = 64;
};

class Server {
 public:
  static constexpr std::int64_t kDeathCheckMs = 100;

  // Clears away what a killed server of this instance has left, and makes the connect channel.
  Server(const ServerOptions& options, Log& log);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // From here on, clients are served.
  void start();

  // Every client learns that the server is gone, all threads are joined, all objects removed. The
  // registry stays as it was, for summary(). A second time does nothing.
  void stop() noexcept;

  Summary summary() const { return registry_.summary(); }

 private:
  // The parts of the thread's work.
  void run();
  ConnectServer::Answer enroll(const ConnectServer::Request& request);
  ConnectServer::Answer decide(const ConnectServer::Request& request);
  Registry::Added add(const ConnectServer::Request& request);
  ConnectServer::Answer start_worker(std::shared_ptr<Member> member, std::uint32_t seat);
  void end_workers_of_the_dead();
  void join_ended();

  const ServerOptions options_;
  Log& log_;
  Registry registry_;
  ConnectServer connect_;

  // TODO(step 4): The threads.
};

}  // namespace registration

#endif  // REGISTRATION_SERVER_H_
