#pragma once

#include "sim/compress/compressed_layer.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// A compressed layer as a trace for the machine, a matrix [outputs, row_length] and, where there are biases,
/// a last column. All values that occur become the codebook; biases share it with the weights: where together
/// there are more values than codes of the weights' width (at most 8 bits), neighbours are merged
/// (joint_codebook.h), and the largest errors stand in the provenance. Throws InputDataError for a layer with
/// more values than a codebook holds.
Trace trace_of(const CompressedLayer& layer, const ActivationSet& activations,
               const std::vector<std::int32_t>& labels);

}  // namespace lacuna
