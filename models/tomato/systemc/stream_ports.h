#pragma once

#include <cstdint>
#include <ostream>
#include <systemc>
#include <vector>

namespace lacuna::tomato::systemc {

/// A token at the machine's ends: a pixel's mantissas by channel (contract, section 6). Results of a run
/// without values have none.
struct Pixel {
  std::vector<std::int64_t> values;
};

/// What `sc_fifo` demands of its tokens.
inline std::ostream& operator<<(std::ostream& out, const Pixel& pixel) {
  return out << "pixel of " << pixel.values.size() << " channels";
}

/// Ports for the two ends of an `sc_fifo<Pixel>`, which may be left unbound.
using PixelInput = sc_core::sc_port<sc_core::sc_fifo_in_if<Pixel>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
using PixelOutput = sc_core::sc_port<sc_core::sc_fifo_out_if<Pixel>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

}  // namespace lacuna::tomato::systemc
