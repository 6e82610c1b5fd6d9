// The files that the proxies are asked for, and how they are asked for: each file is called by its
// size, and comes with a connection of its own, over GETFILE or over HTTP.
//
// Errors: BadReply for an answer that is wrong, std::runtime_error for a file that cannot be
// written, and those of the sockets.
#ifndef GRADER_BENCH_FILES_H_
#define GRADER_BENCH_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "grader/bench/load.h"

namespace kit::bench {

// "/1024"
std::string path_of(std::size_t bytes);

// Makes the file of that size in `folder`, which is made as well.
void make_file(const std::string& folder, std::size_t bytes);

Operation getfile(std::size_t bytes);

// Asks the server for the file once, to learn how long its headers are: a server's headers have the
// same length each time, so the generator need not parse them.
Operation http_get(std::uint16_t port, std::size_t bytes);

}  // namespace kit::bench

#endif  // GRADER_BENCH_FILES_H_
