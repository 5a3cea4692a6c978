#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "models/common/error.h"

namespace lacuna {

/// How far a metric may differ: `metric` is a key (with all that lies below it) of layers or totals, or
/// several such keys that follow each other, joined by dots (stall_cycles.queue_full, totals.cycles;
/// positions in lists may be left out); `relative` a share of the base value.
struct Tolerance {
  std::string metric;
  double relative = 0.0;
  ErrorPlace place{};  ///< where it is asked for
};

/// Parses "metric=1%" or "metric=0.01"; without a per cent sign only shares below 1 are taken, since
/// "cycles=1" means 1 % or one cycle to most who write it. Throws ConfigurationError at `place`.
Tolerance parse_tolerance(const std::string& text, const ErrorPlace& place);

/// Leaves the last tolerance for each metric; `notes` gets a line for each of the others.
std::vector<Tolerance> last_of_each(const std::vector<Tolerance>& tolerances,
                                    std::vector<std::string>& notes);

/// A value that differs by more than is allowed, or a layer that only one result has; texts as in the files,
/// "(missing)" where there is none, "(layer)" for a whole layer.
struct Difference {
  std::string path;   ///< such as layers.0.cycles, with the layer's position in the base where it has one
  std::string layer;  ///< the layer's name in the base (else in the new result); empty outside `layers`
  std::string base;
  std::string now;
  /// (now - base) / |base|, infinite when the base is 0; nothing where one of the two is no number.
  std::optional<double> change;
  bool of_one_pe = false;  ///< one element of the arrays under `pe`
};

struct Comparison {
  std::size_t compared = 0;               ///< values looked at
  std::vector<Difference> differences;    ///< among `layers` and `totals`: what the machine did
  std::vector<Difference> circumstances;  ///< in everything else: version, engine, configuration, inputs
};

/// Compares two results value by value, each layer with the one of its name: of equal names the first with
/// the first, and so on. A layer without a name is compared with what stands in its position. A layer that
/// only one result has is one difference, and so is another order of the same layers. Of several tolerances
/// that a value lies below the one nearest to it holds, of equally near ones the last. Throws
/// ConfigurationError for a tolerance whose metric is in neither.
Comparison compare_results(const nlohmann::ordered_json& base, const nlohmann::ordered_json& now,
                           const std::vector<Tolerance>& tolerances);

/// Whether a tolerance for this metric concerns anything in a result.
bool has_metric(const nlohmann::ordered_json& result, const std::string& metric);

/// The differences as a reader wants them: first what has no size (texts, missing values), then the largest
/// change; values of single PEs come after all others. Equals keep the order of the files.
std::vector<Difference> worst_first(std::vector<Difference> differences);

/// "+3.2 %", "-100 %", "new" from a base of 0; "-" where one of the two is no number.
std::string change_text(const Difference& difference);

}  // namespace lacuna
