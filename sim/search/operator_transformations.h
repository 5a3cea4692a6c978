#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "sim/search/nest.h"

namespace lacuna {

/// A convolution of an operation: which of the operation's channels it reads and writes.
struct Branch {
  LoopNest nest;
  std::uint32_t first_input = 0;
  std::uint32_t first_output = 0;
};

/// What stands in place of a convolution: branches whose outputs lie one behind the other in channels.
struct Operation {
  std::uint32_t inputs = 1;   ///< channels
  std::uint32_t outputs = 1;  ///< channels, all of which the branches write
  std::vector<Branch> branches;
  std::uint32_t upsampling = 1;  ///< each output pixel is repeated so often in rows and columns

  std::uint64_t weights() const;
  std::uint64_t products() const;  ///< of one frame
};

/// One branch for all channels.
Operation make_operation(const Domain& domain);

/// Transformations of what is computed: other values, mostly fewer weights. None preserves dependences;
/// whether one is allowed is a question to the network's capacity (its Fisher potential), not to its order.
/// Sources: Turner, Crowley and O'Boyle, ASPLOS 2021, and its published code, section 7.3.

/// co runs to co / factor: the operation has fewer outputs, and whatever reads them fewer inputs.
struct Bottleneck {
  std::uint32_t factor = 1;
};

/// co and ci are cut in `groups`, and their outer loops become one.
struct Grouping {
  std::uint32_t groups = 1;
};

/// As many groups as channels, of which inputs and outputs have the same number.
struct Depthwise {};

/// The bottleneck with h and w outermost: every factor-th row and column is computed, and repeated.
struct SpatialBottleneck {
  std::uint32_t factor = 1;
};

/// Sequence 1 (split, group): outputs in equal parts, each from all inputs in groups of its own.
struct SplitAndGroup {
  std::vector<std::uint32_t> groups;  ///< of each part
};

/// Sequence 2 (unroll, group): the first `unrolled` outputs from all inputs; the others from the inputs
/// without the first `unrolled`, in groups.
struct UnrollAndGroup {
  std::uint32_t unrolled = 1;
  std::uint32_t groups = 1;
};

/// Sequence 3 (spatial split): rows in bands with weights of their own, padded band by band.
struct SpatialSplit {
  std::uint32_t bands = 1;
};

using OperatorTransformation = std::variant<Bottleneck, Grouping, Depthwise, SpatialBottleneck, SplitAndGroup,
                                            UnrollAndGroup, SpatialSplit>;

/// The schedule begins anew (make_nest). The sequences and grouping want an operation of one branch that is
/// not grouped. Throws ConfigurationError when something does not divide, or the operation is none of these.
Operation transformed(const Operation& operation, const OperatorTransformation& transformation);

}  // namespace lacuna
