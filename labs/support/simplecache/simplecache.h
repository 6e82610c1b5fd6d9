// simplecache: what is in the cache, by an index file.
//
// The index is a text file with a key and the path of a file on each line, white space in between:
//
//     /road.jpg     /srv/images/road.jpg
//     /empty.txt    /srv/texts/empty.txt
//
// All files are opened when the index is loaded, and stay open. Whoever asks for a key gets the
// file's descriptor, and so does everybody else who asks for it: one descriptor, one offset in the
// file. So read from it with pread(2), which says where to read and moves nothing. lseek(2) and
// read(2) are two calls, and another thread may come in between.
//
//     simplecache_init("locals.txt");
//     int fd = simplecache_get("/road.jpg");    // -1: not in the index
//     simplecache_destroy();
//
// These three functions are the original course's, around one object of a small class.
//
// Ownership: an Index owns the descriptors; they are closed when it is destroyed. Thread-safety:
// find() and simplecache_get() by any number of threads; the rest by one, while nobody else is in.
// Errors: load() and simplecache_init() throw std::system_error when a file cannot be opened, and
// std::runtime_error when a line makes no sense; what() names the line.
#ifndef LABS_SUPPORT_SIMPLECACHE_SIMPLECACHE_H_
#define LABS_SUPPORT_SIMPLECACHE_SIMPLECACHE_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "labs/support/fd.h"

namespace simplecache {

class Index {
 public:
  // Reads an index file. Paths that do not begin with '/' count from the current directory. Empty
  // lines are skipped; a key may stand in it once.
  static Index load(const std::string& path);

  // The descriptor for a key, or -1. It stays the Index's.
  int find(const std::string& key) const;

  std::size_t size() const { return files_.size(); }

 private:
  void add_line(const std::string& line, const std::string& where);

  std::unordered_map<std::string, support::UniqueFd> files_;
};

}  // namespace simplecache

void simplecache_init(const std::string& index_path);

// -1: not in the index, or there is none.
int simplecache_get(const std::string& key);

void simplecache_destroy();

#endif  // LABS_SUPPORT_SIMPLECACHE_SIMPLECACHE_H_
