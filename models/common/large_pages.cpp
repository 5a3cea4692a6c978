#include "models/common/large_pages.h"

#include <memory>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace lacuna {

void prefer_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  constexpr std::size_t page = std::size_t{1} << 21U;
  void* begin = memory;
  if (std::align(page, page, begin, bytes) != nullptr) {
    static_cast<void>(::madvise(begin, bytes / page * page, MADV_HUGEPAGE));
  }
#endif
}

}  // namespace lacuna
