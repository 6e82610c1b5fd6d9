// make_url: the address at the origin for a path that a client has asked for.
//
// The path is a stranger's, and the proxy sends it on under its own name. So it must be able to say
// nothing but a path (no line ends: CWE-93), and must stay below the origin's prefix (CWE-22).
//
// Thread-safety: it keeps no state. Errors: std::nullopt for a path that must not be sent.
// Source: RFC 3986, 2.1 (percent-encoding), 3.3 (dot segments).
#ifndef PROXY_CACHE_URL_H_
#define PROXY_CACHE_URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace proxy_cache {

// `server` and `path`, one after the other, with '#', spaces and bytes above 126 written as %XX.
// Refused is a path that does not begin with '/', that has control characters, or that has a
// segment ".." before its query, also one that is written with %2e.
std::optional<std::string> make_url(std::string_view server, std::string_view path);

}  // namespace proxy_cache

#endif  // PROXY_CACHE_URL_H_
