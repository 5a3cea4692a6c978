#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna::test {

/// A value that a variable of a wave file takes on.
struct WaveValue {
  std::uint64_t time_ps = 0;
  std::uint64_t value = 0;
};

/// The values of a variable, given by its full name, in a VCD text; the first is that at the start. Fails
/// when there is no such variable.
std::vector<WaveValue> wave_values(const std::string& vcd, const std::string& name);

/// Without the times.
std::vector<std::uint64_t> values_of(const std::vector<WaveValue>& wave);

}  // namespace lacuna::test
