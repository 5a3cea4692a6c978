#include "sim/search/operator_transformations.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {

std::uint64_t Operation::weights() const {
  std::uint64_t sum = 0;
  for (const Branch& branch : branches) {
    sum += branch.nest.domain.weights();
  }
  return sum;
}

std::uint64_t Operation::products() const {
  std::uint64_t sum = 0;
  for (const Branch& branch : branches) {
    sum += branch.nest.domain.products();
  }
  return sum;
}

Operation make_operation(const Domain& domain) {
  return {domain.input_channels(), domain.output_channels(), {{make_nest(domain), 0, 0}}, 1};
}

namespace {

std::uint32_t divided(std::uint32_t number, std::uint32_t divisor, const char* what) {
  if (divisor == 0 || number % divisor != 0) {
    throw ConfigurationError({}, fmt::format("{} {} do not divide by {}", number, what, divisor),
                             "a divisor");
  }
  return number / divisor;
}

/// The domain of an operation that is a plain convolution.
Domain plain_domain(const Operation& operation) {
  const Domain& domain = operation.branches.front().nest.domain;
  if (operation.branches.size() != 1 || domain.groups != 1 || domain.bands != 1) {
    throw ConfigurationError({}, "the operation is split, grouped or banded", "a plain convolution");
  }
  return domain;
}

Domain grouped(Domain domain, std::uint32_t groups) {
  domain.co = divided(domain.co, groups, "output channels");
  domain.ci = divided(domain.ci, groups, "input channels");
  domain.groups = groups;
  return domain;
}

Operation applied(Operation operation, const Bottleneck& bottleneck) {
  std::uint32_t first = 0;
  for (Branch& branch : operation.branches) {
    Domain domain = branch.nest.domain;
    domain.co = divided(domain.co, bottleneck.factor, "output channels of a branch and group");
    branch = {make_nest(domain), branch.first_input, first};
    first += domain.output_channels();
  }
  operation.outputs = first;
  return operation;
}

Operation applied(Operation operation, const Grouping& grouping) {
  operation.branches.front().nest = make_nest(grouped(plain_domain(operation), grouping.groups));
  return operation;
}

Operation applied(const Operation& operation, const Depthwise& /*depthwise*/) {
  if (operation.inputs != operation.outputs) {
    throw ConfigurationError(
        {}, fmt::format("depthwise from {} to {} channels", operation.inputs, operation.outputs),
        "as many outputs as inputs");
  }
  return applied(operation, Grouping{operation.inputs});
}

Operation applied(Operation operation, const SpatialBottleneck& bottleneck) {
  for (Branch& branch : operation.branches) {
    Domain domain = branch.nest.domain;
    divided(domain.h(), bottleneck.factor, "output rows");
    divided(domain.w(), bottleneck.factor, "output columns");
    domain.stride *= bottleneck.factor;
    branch.nest = make_nest(domain);
  }
  operation.upsampling *= bottleneck.factor;
  return operation;
}

Operation applied(Operation operation, const SplitAndGroup& split) {
  const Domain whole = plain_domain(operation);
  Domain part = whole;
  part.co = divided(whole.co, static_cast<std::uint32_t>(split.groups.size()), "output channels");
  operation.branches.clear();
  for (std::size_t i = 0; i < split.groups.size(); ++i) {
    operation.branches.push_back(
        {make_nest(grouped(part, split.groups[i])), 0, static_cast<std::uint32_t>(i) * part.co});
  }
  return operation;
}

Operation applied(Operation operation, const UnrollAndGroup& unroll) {
  const Domain whole = plain_domain(operation);
  if (unroll.unrolled == 0 || unroll.unrolled >= std::min(whole.ci, whole.co)) {
    throw ConfigurationError({},
                             fmt::format("{} outputs unrolled of a convolution from {} to {} channels",
                                         unroll.unrolled, whole.ci, whole.co),
                             "at least 1, and fewer than inputs and outputs");
  }
  Domain dense = whole;
  dense.co = unroll.unrolled;
  Domain rest = whole;
  rest.co -= unroll.unrolled;
  rest.ci -= unroll.unrolled;
  operation.branches = {{make_nest(dense), 0, 0},
                        {make_nest(grouped(rest, unroll.groups)), unroll.unrolled, unroll.unrolled}};
  return operation;
}

Operation applied(Operation operation, const SpatialSplit& split) {
  Domain domain = plain_domain(operation);
  const std::uint32_t rows = domain.h();
  domain.bands = split.bands;
  operation.branches.front().nest = make_nest(domain);
  if (domain.h() != rows) {
    throw ConfigurationError(
        {}, fmt::format("{} bands have {} output rows together, not {}", split.bands, domain.h(), rows),
        "bands whose rows divide by the stride, and padding that keeps their size");
  }
  return operation;
}

}  // namespace

Operation transformed(const Operation& operation, const OperatorTransformation& transformation) {
  return std::visit([&](const auto& each) { return applied(operation, each); }, transformation);
}

}  // namespace lacuna
