#include "models/eie/timeline/lane_vector.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace lacuna::eie {
namespace {

constexpr std::size_t line_bytes = 64;
constexpr std::size_t large_page_bytes = std::size_t{1} << 21;

/// Pieces from this size on are worth a page of their own.
constexpr std::size_t large_bytes = 2 * large_page_bytes;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= large_bytes ? large_page_bytes : line_bytes};
}

}  // namespace

void* allocate_lanes(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment_of(bytes));
#ifdef __linux__
  if (bytes >= large_bytes) {
    // A wish only: the first touch of a large table costs more than filling it, page by small page.
    static_cast<void>(::madvise(memory, bytes / large_page_bytes * large_page_bytes, MADV_HUGEPAGE));
  }
#endif
  return memory;
}

void deallocate_lanes(void* memory, std::size_t bytes) {
  ::operator delete(memory, alignment_of(bytes));
}

}  // namespace lacuna::eie
