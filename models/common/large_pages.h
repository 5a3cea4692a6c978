#pragma once

#include <cstddef>

namespace lacuna {

/// Asks the system for large pages where whole ones lie in this memory, which nobody has touched yet: the
/// first touch of a large array costs more than filling it, page by small page. A wish only.
void prefer_large_pages(void* memory, std::size_t bytes);

}  // namespace lacuna
