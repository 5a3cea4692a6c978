#pragma once

#include <string>

#include "sim/data/import/tensor.h"

namespace lacuna {

/// Reads one tensor of a safetensors file (source: the format's description in GitHub
/// huggingface/safetensors), or of the shard that an index file (`*.safetensors.index.json`) names for it:
/// F64, F32, F16, BF16, BOOL and integers that float32 can hold. A tensor that is not there under its name
/// but as NAME.compressed, NAME.bitmask and NAME.shape (with or without ".weight" in NAME) is expanded: the
/// layouts sparse-bitmask (whose NAME.row_offsets must fit the mask) and sparse-24-bitmask of GitHub
/// neuralmagic/compressed-tensors. Without a name the
/// only tensor of the file is meant. Only the tensor's own bytes are read. Throws InputDataError, naming the
/// tensors that there are where there is none of this name.
NamedTensor read_safetensor(const std::string& path, const std::string& name);

}  // namespace lacuna
