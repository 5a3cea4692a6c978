#pragma once

#include <cstdint>

namespace lacuna::tomato {

/// How generated hardware keeps tokens. Sliced: in memories with a word for each slice that is worked on; a
/// window's consumer reads its taps from the line buffer. Flat: whole, in FIFOs, registers and wires as wide
/// as a token.
enum class DataPlane : std::uint8_t { sliced, flat };

}  // namespace lacuna::tomato
