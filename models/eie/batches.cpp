#include "models/eie/batches.h"

#include <algorithm>

namespace lacuna::eie {

BatchPlan plan_batches(const Parameters& parameters, std::uint32_t inputs, std::uint32_t outputs,
                       bool has_bias) {
  const std::uint32_t pes = parameters.pe_count;
  const std::uint32_t source_rows = inputs / pes + (inputs % pes != 0 ? 1U : 0U);
  const std::uint32_t held = parameters.register_file_entries;
  BatchPlan plan;

  const std::uint32_t rows_at_once = held == 0 ? source_rows : held;
  for (std::uint32_t first = 0; first < source_rows; first += std::min(rows_at_once, source_rows - first)) {
    plan.column_batches.push_back({first, std::min(rows_at_once, source_rows - first), false});
  }
  plan.column_batches.back().bias_row = has_bias;

  const std::uint64_t outputs_at_once = held == 0 ? outputs : std::uint64_t{held} * pes;
  for (std::uint64_t first = 0; first < outputs; first += outputs_at_once) {
    plan.row_batch_outputs.push_back(static_cast<std::uint32_t>(std::min(outputs_at_once, outputs - first)));
  }
  return plan;
}

}  // namespace lacuna::eie
