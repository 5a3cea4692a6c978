#include "models/eie/image_identity.h"

#include <atomic>

namespace lacuna::eie {

std::uint64_t ImageIdentity::next() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace lacuna::eie
