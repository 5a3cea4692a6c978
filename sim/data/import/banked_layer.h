#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/data/trace/trace.h"

namespace lacuna {

/// Imports the data folder of the EIE authors' own simulator (GitHub RalphMao/EIE-simulator, as its
/// script/layer_dump.py writes it): `ptr/ptrK.dat` (uint32 column starts) and `spm/spmK.dat` (uint32 pairs of
/// code and zeros before the entry) for each PE K from 0 on, `arithm.dat` (16 float32, the codebook) and
/// `act.dat` (float32, one vector). All little-endian. PE K holds the rows K, K + N, ...; the columns are
/// filled up with empty ones to a multiple of the number of PEs N, and the last is the bias. Code 0 is
/// padding. `rows` absent: the largest row that occurs, plus one. Throws InputDataError.
Trace import_banked_layer(const std::string& folder, std::optional<std::uint32_t> rows);

}  // namespace lacuna
