#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lacuna {

/// Name, unit and meaning of an event or cycle class; names are the keys of result files and energy tables.
struct CounterInfo {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
};

/// An array of counts indexed by an enumeration of `Size` values from 0.
template <class Key, std::size_t Size>
struct Counts {
  std::array<std::uint64_t, Size> values{};

  std::uint64_t& operator[](Key key) { return values[static_cast<std::size_t>(key)]; }
  std::uint64_t operator[](Key key) const { return values[static_cast<std::size_t>(key)]; }
  Counts& operator+=(const Counts& other) {
    for (std::size_t i = 0; i < Size; ++i) {
      values[i] += other.values[i];
    }
    return *this;
  }
  friend bool operator==(const Counts& a, const Counts& b) { return a.values == b.values; }
  friend bool operator!=(const Counts& a, const Counts& b) { return !(a == b); }
};

}  // namespace lacuna
