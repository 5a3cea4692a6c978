#include "models/common/large_pages.h"

#ifdef __linux__
#include <cstdint>

#include <sys/mman.h>
#endif

namespace lacuna {

#ifdef __linux__
void prefer_large_pages(void* memory, std::size_t bytes) {
  const std::size_t address = reinterpret_cast<std::uintptr_t>(memory);
  const std::size_t before = (large_page_bytes - address % large_page_bytes) % large_page_bytes;
  if (bytes < before + large_page_bytes) {
    return;
  }
  const std::size_t whole = (bytes - before) / large_page_bytes * large_page_bytes;
  static_cast<void>(::madvise(static_cast<char*>(memory) + before, whole, MADV_HUGEPAGE));
}
#else
void prefer_large_pages(void*, std::size_t) {}
#endif

}  // namespace lacuna
