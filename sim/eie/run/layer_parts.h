#pragma once

#include <cstdint>
#include <vector>

#include "models/common/error.h"
#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "sim/data/trace/quantise.h"

namespace lacuna {

/// A part of a layer that fits a machine for which the whole is too large: some of the outputs, of some of
/// the inputs. Where inputs are split, the parts' results are partial sums, which the host adds.
struct LayerPart {
  std::uint32_t first_output = 0;
  std::uint32_t outputs = 0;
  std::uint32_t first_input = 0;
  std::uint32_t inputs = 0;
  bool has_bias = false;  ///< the last inputs have the bias column beside them
};

/// Parts, outputs by outputs and for each the inputs in their order.
struct PartPlan {
  std::vector<LayerPart> parts;
  bool splits_inputs = false;
};

/// The fewest parts in which a layer fits the engine's machine, all of about the same size and of whole rows
/// of PEs (multiples of `pe_count` outputs and inputs), so that each output stays in its PE. Of plans with as
/// many parts that which splits fewer inputs. Inputs are split where results hold whole accumulators, which
/// are not wider than activations. Throws `whole`, the reason why the layer does not fit in one piece, where
/// no split helps (formats, codebook) or more than 1024 parts were needed.
PartPlan plan_parts(eie::Engine& engine, const eie::Layer& layer, const CapacityError& whole);

/// The part as a layer of its own. With split inputs its results are raw accumulators: no ReLU, and a format
/// that holds them.
QuantisedLayer part_of(const QuantisedLayer& layer, const LayerPart& part, bool splits_inputs);

/// Outputs of the layer from those of its parts: [part][vector]. Partial sums are added in the order of the
/// parts, saturating as accumulators do, and converted as the machine converts (contract, section 2): what
/// the whole layer would give, unless an accumulator, its own or a part's, saturates on the way.
std::vector<std::vector<std::int32_t>> join_outputs(
    const eie::Parameters& machine, const eie::Layer& layer, const PartPlan& plan,
    const std::vector<std::vector<std::vector<std::int32_t>>>& parts);

}  // namespace lacuna
