#include "models/eie/timeline/lanes.h"

#include <mutex>
#include <utility>

#include "models/common/large_pages.h"

namespace lacuna::eie {
namespace {

constexpr std::size_t line_bytes = 64;

/// Pieces from this size on are worth a page of their own.
constexpr std::size_t large_bytes = 2 * large_page_bytes;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= large_bytes ? large_page_bytes : line_bytes};
}

/// The next larger of four sizes between two powers of two, so that pieces of about the same size serve for
/// each other.
std::size_t rounded_size(std::size_t bytes) {
  std::size_t step = large_bytes / 4;
  while (step * 8 < bytes) {
    step *= 2;
  }
  return (bytes + step - 1) / step * step;
}

/// Large pieces that were given back. The system hands out memory page by page and filled with zeros, which
/// for a table of column counts takes longer than counting.
class SparePieces {
 public:
  SparePieces() { pieces_.reserve(most_bytes / large_bytes + 1); }  // giving back must not fail

  /// A piece of `bytes`, a rounded size, or null.
  void* take(std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t i = pieces_.size(); i-- > 0;) {
      if (pieces_[i].second == bytes) {
        void* const memory = pieces_[i].first;
        pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(i));
        held_bytes_ -= bytes;
        return memory;
      }
    }
    return nullptr;
  }

  /// Keeps a piece; the oldest ones make room for it.
  void give(void* memory, std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    pieces_.emplace_back(memory, bytes);
    held_bytes_ += bytes;
    while (held_bytes_ > most_bytes) {
      ::operator delete(pieces_.front().first, alignment_of(pieces_.front().second));
      held_bytes_ -= pieces_.front().second;
      pieces_.erase(pieces_.begin());
    }
  }

 private:
  static constexpr std::size_t most_bytes = std::size_t{128} << 20;

  std::mutex mutex_;
  std::vector<std::pair<void*, std::size_t>> pieces_;
  std::size_t held_bytes_ = 0;
};

/// Never destroyed: tables may be given back when the program ends.
SparePieces& spare_pieces() {
  static auto& pieces = *new SparePieces;
  return pieces;
}

}  // namespace

void* allocate_lanes(std::size_t bytes) {
  if (bytes < large_bytes || bytes > static_cast<std::size_t>(-1) / 2) {
    return ::operator new(bytes, alignment_of(bytes));
  }
  const std::size_t size = rounded_size(bytes);
  if (void* const spare = spare_pieces().take(size)) {
    return spare;
  }
  void* memory = ::operator new(size, alignment_of(size));
  prefer_large_pages(memory, size);
  return memory;
}

void deallocate_lanes(void* memory, std::size_t bytes) {
  if (bytes < large_bytes) {
    ::operator delete(memory, alignment_of(bytes));
  } else {
    spare_pieces().give(memory, rounded_size(bytes));
  }
}

}  // namespace lacuna::eie
