// make_url: the address at the origin for a path that a client has asked for.
//
// The path comes from a stranger, and the proxy sends it on under its own name. So it must stay
// below the origin's prefix, and must not be able to say anything but a path: a line end in it
// would let the client write headers of its own (CWE-93), and "/../" may lead to what the origin's
// owner never meant to give to the proxy's clients (CWE-22).
//
// Thread-safety: it keeps no state. Errors: std::nullopt for a path that must not be sent.
// Source: RFC 3986, 2.1 (percent-encoding), 3.3 (dot segments).
#ifndef PROXY_URL_H_
#define PROXY_URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// `server` and `path`, one after the other, with '#', spaces and bytes above 126 of the path
// written as %XX (capital letters). What is percent-encoded already, and a '?', stay as they are.
//
// Refused is a path that does not begin with '/', that has control characters (bytes below 32), or
// that has a segment "..", where a '.' may also be written as "%2e" or "%2E". What comes behind the
// first '?' is a query and has no segments.
std::optional<std::string> make_url(std::string_view server, std::string_view path);

}  // namespace proxy

#endif  // PROXY_URL_H_
