// The words of GETFILE, in both of its dialects.
//
//     client:  GETFILE GET <path>\r\n\r\n
//     server:  GETFILE OK <length>\r\n\r\n<content>
//              GETFILE FILE_NOT_FOUND\r\n\r\n
//
// That is the documented dialect, the default. The programs that the original course hands out
// speak another one, here called stock: the header ends with one space, or with a newline when
// nothing comes after it, and a request that is not understood is not answered at all.
//
//     server:  GETFILE OK <length> <content>
//              GETFILE FILE_NOT_FOUND 0\n
//
// The length is a decimal number of up to 64 bits. Nothing is terminated by a NUL.
//
// Thread-safety: the functions keep no state.
#ifndef LABS_SUPPORT_GFSERVER_WIRE_H_
#define LABS_SUPPORT_GFSERVER_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gfs {

enum class Wire { kDocumented, kStock };

enum class Status { kOk, kFileNotFound, kError, kInvalid };

// A request's header may have this many bytes, with the empty line that ends it.
inline constexpr std::size_t kMaxHeader = 8 * 1024;

// "documented" or "stock", as the programs' --wire takes it; std::nullopt for anything else.
std::optional<Wire> parse_wire(std::string_view word);

// A reply's header, up to where the content begins. The length counts for kOk only. It is empty
// when this dialect has no such reply (kInvalid in stock): the connection is closed instead.
std::string format_header(Wire wire, Status status, std::uint64_t length);

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_WIRE_H_
