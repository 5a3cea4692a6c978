#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/rtl/window_geometry.h"

namespace lacuna::tomato {

// The words of a design's memories as lines of $readmemh files. The modules that read them say what their
// fields are.

/// tomato_window_control.sv: a word for each row of windows, and for each column.
std::string window_rows(const WindowGeometry& geometry, std::uint64_t pixel_bits);
std::string window_columns(const WindowGeometry& geometry, std::uint64_t pixel_bits);

/// tomato_window.sv: likewise, where the taps lie in the line buffers.
std::string window_lines(const WindowGeometry& geometry, std::uint64_t line_bits);
std::string window_banks(const WindowGeometry& geometry, std::uint64_t bank_bits, std::uint64_t address_bits);

/// tomato_dot.sv: a unit's weights in the order of the steps, for fully connected units of all pixels. Throws
/// ConfigurationError for a unit without weights.
std::string weight_words(const Pipeline& pipeline, const Analysis& analysis, std::size_t position,
                         std::uint64_t tap_lanes, std::uint64_t input_lanes);

/// tomato_requantise.sv: scales and offsets of a unit of so many channels.
std::string scale_words(const Unit& unit, std::uint64_t channels);

}  // namespace lacuna::tomato
