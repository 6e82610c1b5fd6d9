#include "url.h"

// TODO(step 2): Headers that you need for this step.

namespace proxy {

// TODO(step 2): Functions of your own can stand here.

std::optional<std::string> make_url(std::string_view server, std::string_view path) {
  // TODO(step 2): Refuse what must not be sent; append the rest, encoded where it must be.
  (void)server;
  (void)path;
  return std::nullopt;
}

}  // namespace proxy
