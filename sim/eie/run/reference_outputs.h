#pragma once

#include <string>
#include <vector>

#include "models/common/fixed_point.h"
#include "sim/data/trace/trace.h"
#include "sim/family/layer_values.h"

namespace lacuna {

/// A layer's outputs in double precision: products of the trace's own weights with its activations, or with
/// `previous` (one vector of inputs each), columns ascending, then the ReLU. Negative activations count,
/// whatever the machine broadcasts.
std::vector<std::vector<double>> reference_outputs(const Trace& trace,
                                                   const std::vector<std::vector<double>>* previous);

/// Values of a format, still without any.
LayerValues fixed_point_values(const std::string& name, const std::vector<std::size_t>& shape,
                               const FixedFormat& format);

}  // namespace lacuna
