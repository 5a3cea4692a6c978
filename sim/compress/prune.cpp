#include "sim/compress/prune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "models/common/error.h"

namespace lacuna {
namespace {

[[noreturn]] void fail_option(const std::string& option, const std::string& wrong,
                              const std::string& allowed) {
  throw ConfigurationError({"", 0, option}, wrong, allowed);
}

/// Consecutive weights of one output that stay or go together. The last group of a row may be shorter.
struct Groups {
  std::uint64_t size = 1;
  std::uint64_t row_length = 1;
  std::uint64_t per_row = 1;
  std::vector<double> magnitudes;

  std::uint64_t row_of(std::uint64_t group) const { return group / per_row; }
  std::uint64_t start_of(std::uint64_t group) const {
    return row_of(group) * row_length + group % per_row * size;
  }
  std::uint64_t end_of(std::uint64_t group) const {
    return std::min(start_of(group) + size, (row_of(group) + 1) * row_length);
  }
};

std::uint64_t group_size(const WeightTensor& tensor, const PruneOptions& options) {
  const bool convolution = tensor.shape.size() == 4;
  switch (options.granularity) {
    case PruneGranularity::vector:
      if (!options.vector_length && !convolution) {
        fail_option("vector_length", "is missing", "needed where the weights are a matrix");
      }
      return options.vector_length ? *options.vector_length : tensor.shape[3];
    case PruneGranularity::kernel:
      return convolution ? std::uint64_t{tensor.shape[2]} * tensor.shape[3] : 1;
    case PruneGranularity::filter:
      return tensor.row_length();
    case PruneGranularity::element:
      break;
  }
  return 1;
}

Groups make_groups(const WeightTensor& tensor, const PruneOptions& options) {
  Groups groups;
  groups.size = group_size(tensor, options);
  groups.row_length = tensor.row_length();
  groups.per_row = (groups.row_length + groups.size - 1) / groups.size;
  groups.magnitudes.resize(groups.per_row * tensor.outputs());
  for (std::uint64_t group = 0; group < groups.magnitudes.size(); ++group) {
    double sum = 0.0;
    for (std::uint64_t i = groups.start_of(group); i < groups.end_of(group); ++i) {
      sum += std::fabs(static_cast<double>(tensor.values[i]));
    }
    groups.magnitudes[group] = sum / static_cast<double>(groups.end_of(group) - groups.start_of(group));
  }
  return groups;
}

/// The candidates in the order in which they stay: largest first, equal ones in their order.
void sort_by_magnitude(const Groups& groups, std::vector<std::uint32_t>& candidates, std::uint64_t keep) {
  const auto larger = [&groups](std::uint32_t a, std::uint32_t b) {
    return groups.magnitudes[a] != groups.magnitudes[b] ? groups.magnitudes[a] > groups.magnitudes[b] : a < b;
  };
  const auto cut = candidates.begin() + static_cast<std::ptrdiff_t>(std::min(keep, candidates.size()));
  std::nth_element(candidates.begin(), cut, candidates.end(), larger);
  std::sort(candidates.begin(), cut, larger);
}

/// How many of `available` each PE keeps, together `keep`: equally many, or all that a PE has.
std::vector<std::uint64_t> quotas(const std::vector<std::uint64_t>& available, std::uint64_t keep) {
  std::vector<std::size_t> order(available.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&available](std::size_t a, std::size_t b) { return available[a] < available[b]; });
  std::vector<std::uint64_t> quota(available.size(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    // What cannot be shared out evenly goes to the PEs that have most.
    quota[order[i]] = std::min(available[order[i]], keep / (order.size() - i));
    keep -= quota[order[i]];
  }
  return quota;
}

/// Groups that stay, `keep` of them: the largest, or the largest of each PE.
std::vector<std::uint32_t> choose(const Groups& groups, std::uint64_t keep, std::uint32_t pe_count) {
  std::vector<std::vector<std::uint32_t>> candidates(pe_count);
  for (std::uint32_t group = 0; group < groups.magnitudes.size(); ++group) {
    if (groups.magnitudes[group] > 0.0) {
      candidates[groups.row_of(group) % candidates.size()].push_back(group);
    }
  }
  std::vector<std::uint64_t> available;
  available.reserve(candidates.size());
  for (const auto& each : candidates) {
    available.push_back(each.size());
  }
  const std::vector<std::uint64_t> quota = quotas(available, keep);
  std::vector<std::uint32_t> chosen;
  for (std::size_t pe = 0; pe < candidates.size(); ++pe) {
    sort_by_magnitude(groups, candidates[pe], quota[pe]);
    chosen.insert(chosen.end(), candidates[pe].begin(),
                  candidates[pe].begin() + static_cast<std::ptrdiff_t>(quota[pe]));
  }
  return chosen;
}

void check_options(const PruneOptions& options) {
  const bool bounded = options.rule != PruneRule::density || options.value <= 1.0;
  if (!std::isfinite(options.value) || options.value < 0.0 || !bounded) {
    fail_option("prune", std::to_string(options.value),
                options.rule == PruneRule::density ? "0 to 1" : "numbers from 0");
  }
  if (options.vector_length == 0U) {
    fail_option("vector_length", "is 0", "at least 1");
  }
  if (options.balance_pe_count == 0U) {
    fail_option("balance_pe_count", "is 0", "at least 1");
  }
  if (options.vector_length && options.granularity != PruneGranularity::vector) {
    fail_option("vector_length", "is given", "with the granularity vector only");
  }
  if (options.balance_pe_count && options.rule == PruneRule::none) {
    fail_option("balance_pe_count", "is given without pruning",
                "beside a threshold, a quality or a density, which say how much stays");
  }
}

void check_finite(const WeightTensor& tensor) {
  const auto bad = std::find_if(tensor.values.begin(), tensor.values.end(),
                                [](float weight) { return !std::isfinite(weight); });
  if (bad != tensor.values.end()) {
    throw InputDataError({"", 0, "weights"},
                         "element " + std::to_string(bad - tensor.values.begin()) + " is not a finite number",
                         "finite numbers");
  }
}

/// In the weights' own type, so that a threshold of 0.3 takes along weights that were written as 0.3.
double as_weight(double threshold) {
  constexpr double most = static_cast<double>(std::numeric_limits<float>::max());
  return static_cast<double>(static_cast<float>(std::min(threshold, most)));
}

/// Groups to keep by the rule, before balancing.
std::uint64_t count_to_keep(const Groups& groups, const PruneOptions& options, double threshold) {
  const auto above = static_cast<std::uint64_t>(
      std::count_if(groups.magnitudes.begin(), groups.magnitudes.end(),
                    [threshold](double magnitude) { return magnitude > threshold; }));
  if (options.rule != PruneRule::density) {
    return above;
  }
  return std::min(above, static_cast<std::uint64_t>(
                             std::llround(options.value * static_cast<double>(groups.magnitudes.size()))));
}

/// Sets all groups but the chosen ones to zero; returns the nonzeros that are left.
std::uint64_t keep_only(const Groups& groups, std::vector<std::uint32_t> chosen, WeightTensor& tensor) {
  std::sort(chosen.begin(), chosen.end());
  std::vector<float> kept(tensor.values.size(), 0.0F);
  std::uint64_t nonzeros = 0;
  for (const std::uint32_t group : chosen) {
    for (std::uint64_t i = groups.start_of(group); i < groups.end_of(group); ++i) {
      kept[i] = tensor.values[i];
      nonzeros += kept[i] != 0.0F ? 1 : 0;
    }
  }
  tensor.values = std::move(kept);
  return nonzeros;
}

}  // namespace

double standard_deviation(const std::vector<float>& weights) {
  double sum = 0.0;
  for (const float weight : weights) {
    sum += static_cast<double>(weight);
  }
  const double mean = sum / static_cast<double>(weights.size());
  double squares = 0.0;
  for (const float weight : weights) {
    squares += (static_cast<double>(weight) - mean) * (static_cast<double>(weight) - mean);
  }
  return std::sqrt(squares / static_cast<double>(weights.size()));
}

PruneResult prune(WeightTensor& tensor, const PruneOptions& options) {
  check_options(options);
  check_finite(tensor);
  const Groups groups = make_groups(tensor, options);
  PruneResult result;
  result.group_size = groups.size;
  result.groups = groups.magnitudes.size();
  if (options.rule == PruneRule::threshold) {
    result.threshold = as_weight(options.value);
  } else if (options.rule == PruneRule::quality) {
    result.threshold = as_weight(options.value * standard_deviation(tensor.values));
  }
  const std::uint64_t keep = count_to_keep(groups, options, result.threshold);
  const std::vector<std::uint32_t> chosen = choose(groups, keep, options.balance_pe_count.value_or(1));
  result.kept_groups = chosen.size();
  if (options.rule == PruneRule::density && !chosen.empty()) {
    result.threshold = groups.magnitudes[*std::min_element(
        chosen.begin(), chosen.end(),
        [&](std::uint32_t a, std::uint32_t b) { return groups.magnitudes[a] < groups.magnitudes[b]; })];
  }
  result.kept_weights = keep_only(groups, chosen, tensor);
  return result;
}

std::vector<std::uint64_t> nonzeros_per_pe(const WeightTensor& tensor, std::uint32_t pe_count) {
  std::vector<std::uint64_t> counts(pe_count, 0);
  const std::uint64_t row_length = tensor.row_length();
  for (std::uint64_t i = 0; i < tensor.values.size(); ++i) {
    counts[i / row_length % pe_count] += tensor.values[i] != 0.0F ? 1 : 0;
  }
  return counts;
}

}  // namespace lacuna
