// fetch: one request, from connecting to the last byte of its content.
//
// Thread-safety: it keeps no state; any number of threads at once.
// Errors: std::exception whose what() says what went wrong, for a person: the server cannot be
// reached, it does not have the file, it closed the connection too early. Then the content that was
// handed out is worth nothing.
#ifndef CLIENTS_GFCLIENT_FETCH_H_
#define CLIENTS_GFCLIENT_FETCH_H_

#include <functional>
#include <string>
#include <string_view>

#include "clients/gfclient_options.h"

namespace gfclient {

// A server that is only just starting refuses connections for a moment. So a refused connection is
// tried again, after 100 ms, 200 ms and so on, and given up after this many times.
inline constexpr int kMaxAttempts = 5;

// `on_content` is given each piece of the content, as it was received. What it throws ends the
// request.
void fetch(const Options& options, const std::string& path,
           const std::function<void(std::string_view)>& on_content);

}  // namespace gfclient

#endif  // CLIENTS_GFCLIENT_FETCH_H_
