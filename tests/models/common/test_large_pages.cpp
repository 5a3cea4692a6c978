#include <cstddef>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/large_pages.h"

using namespace lacuna;

TEST_CASE("the wish for large pages changes no byte, wherever memory begins and ends") {
  std::vector<std::uint8_t> bytes(std::size_t{9} << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  }
  const std::vector<std::uint8_t> before = bytes;
  for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{2} << 20}) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{100000}, std::size_t{7} << 20}) {
      prefer_large_pages(bytes.data() + begin, size);
    }
  }
  CHECK(bytes == before);
  prefer_large_pages(nullptr, 0);
}

TEST_CASE("room for a vector is reserved whatever its size") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{3} << 20}) {
    std::vector<std::uint32_t> values;
    reserve_large(values, size);
    CHECK(values.empty());
    CHECK(values.capacity() >= size);
    values.resize(size, 7);
    CHECK(values == std::vector<std::uint32_t>(size, 7));
  }
}
