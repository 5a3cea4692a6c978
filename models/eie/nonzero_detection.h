#pragma once

#include <cstdint>

namespace lacuna::eie {

/// Which activations the leading-nonzero detection takes for nonzero.
enum class NonzeroDetection { nonzero, positive };

/// Whether it takes this one, raw, for nonzero: then it is broadcast.
constexpr bool counts_as_nonzero(std::int32_t activation, NonzeroDetection detection) {
  return detection == NonzeroDetection::positive ? activation > 0 : activation != 0;
}

}  // namespace lacuna::eie
