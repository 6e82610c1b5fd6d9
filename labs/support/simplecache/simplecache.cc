#include "labs/support/simplecache/simplecache.h"

#include <fcntl.h>

#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"
#include "labs/support/options.h"

namespace simplecache {
namespace {

// The cache of the three functions.
std::optional<Index>& the_index() {
  static std::optional<Index> index;
  return index;
}

}  // namespace

Index Index::load(const std::string& path) {
  Index index;
  std::istringstream lines(support::read_file(path));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    index.add_line(line, path + ":" + std::to_string(number));
  }
  return index;
}

void Index::add_line(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  std::string key, path, more;
  if (!(words >> key)) return;
  if (!(words >> path) || words >> more) {
    throw std::runtime_error(where + ": not a key and a path");
  }
  // O_NONBLOCK: to open a pipe would wait until somebody writes to it.
  support::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) support::throw_errno(where + ": open " + path);
  if (!files_.try_emplace(key, std::move(fd)).second) {
    throw std::runtime_error(where + ": the key " + key + " stands there twice");
  }
}

int Index::find(const std::string& key) const {
  auto found = files_.find(key);
  return found == files_.end() ? -1 : found->second.get();
}

}  // namespace simplecache

void simplecache_init(const std::string& index_path) {
  simplecache::the_index() = simplecache::Index::load(index_path);
}

int simplecache_get(const std::string& key) {
  const auto& index = simplecache::the_index();
  return index ? index->find(key) : -1;
}

void simplecache_destroy() { simplecache::the_index().reset(); }
