// Calls on a LruStore. Setup: the budget.
//
//   insert KEY BYTES   content of so many bytes, each of them the key's first one: "kept", or
//                      "refused"
//   find KEY           "100 bytes", or "(none)"; or what is wrong with it
//   bytes              "300"
//   room BYTES         has_room_for(): "yes", "no"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "content.h"
#include "grader/harness/probe.h"
#include "lru_store.h"

namespace {

class StoreAdapter : public kit::Adapter {
 public:
  explicit StoreAdapter(std::uint64_t budget) : store_(budget) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "insert") return insert(args.at(0), std::stoull(args.at(1)));
    if (name == "find") return find(args.at(0));
    if (name == "bytes") return std::to_string(store_.bytes());
    if (name == "room") return store_.has_room_for(std::stoull(args.at(0))) ? "yes" : "no";
    throw kit::UnknownCall{name};
  }

 private:
  std::string insert(const std::string& key, std::uint64_t bytes) {
    auto content = std::make_shared<proxy_cache::MemoryContent>(std::string(bytes, key.at(0)));
    return store_.insert(key, std::move(content)) ? "kept" : "refused";
  }

  std::string find(const std::string& key) {
    const std::shared_ptr<const proxy_cache::Content> content = store_.find(key);
    if (!content) return "(none)";
    std::vector<char> room(content->size());
    if (content->read_at(0, room) != room.size()) return "less than its size()";
    for (const char byte : room) {
      if (byte != key.at(0)) return "another key's content";
    }
    return std::to_string(room.size()) + " bytes";
  }

  proxy_cache::LruStore store_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<StoreAdapter>(std::stoull(setup.at(0)));
}
