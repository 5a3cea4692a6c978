#pragma once

#include <string>
#include <vector>

#include "sim/search/blocks.h"
#include "sim/search/operator_transformations.h"

namespace lacuna {

/// A type of block whose two 3x3 convolutions are both transformed alike, as the published code of Turner et
/// al. (ASPLOS 2021) does with its sequences. Its name is one of
///   seq1(g, g, ...)        outputs split in as many parts, each with its own number of groups
///   seq2(u, g)             u outputs of all inputs, the others of the other inputs in g groups
///   seq3(b)                rows in b bands with weights of their own
///   spatial_bottleneck(f)  every f-th row and column, repeated
///   group(g)               g groups, without the 1x1 convolution that DConv has
///   narrow(n)              n channels between the two convolutions, as removing channels leaves them
/// with any spaces, which the type's name leaves out. Throws ConfigurationError for anything else.
BlockType operation_type(const std::string& name);

/// What stands in place of the two convolutions. Throws ConfigurationError when something does not divide.
std::vector<Operation> block_operations(const BlockType& type, const BlockPlace& place);

}  // namespace lacuna
