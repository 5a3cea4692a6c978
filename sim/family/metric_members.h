#pragma once

#include <string>
#include <vector>

#include "sim/family/design_space.h"

namespace lacuna {

/// Metrics as members of a JSON object in the text that a tree of them would give. Results of large sweeps
/// are mostly this text.
class MetricMembers {
 public:
  explicit MetricMembers(const std::vector<std::string>& names);

  /// Appends "name":value for each metric, with commas between them; null for one that is not known, and for
  /// an infinite number, which JSON has not.
  void append(const std::vector<MetricValue>& values, std::string& text) const;

 private:
  std::vector<std::string> keys_;  ///< with what stands before and behind them
};

/// A string as JSON; bytes that are no UTF-8 are replaced.
std::string json_string(const std::string& text);

}  // namespace lacuna
