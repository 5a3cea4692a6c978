#include "models/sparse/image_identity.h"

#include <atomic>

namespace lacuna::sparse {

std::uint64_t ImageIdentity::next() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace lacuna::sparse
