#include "sim/eie/sweep/prepared_workload.h"

namespace lacuna {
namespace {

std::uint64_t bytes_of(const eie::CodedMatrix& matrix) {
  return matrix.nonzeros() * 5 + matrix.column_starts.size() * 8;
}

}  // namespace

std::uint64_t PreparedWorkload::bytes() const {
  std::uint64_t sum = 0;
  for (const MatrixRun& run : runs) {
    sum += bytes_of(run.ready.layer.matrix);
    sum += run.key.of_network ? bytes_of(*run.matrix) : 0;  // a trace stays whether it is used or not
    for (const auto& vector : run.ready.activations) {
      sum += vector.size() * sizeof(vector.front());
    }
  }
  return sum;
}

std::vector<LayerCounts> empty_counts(const PreparedWorkload& workload) {
  std::vector<LayerCounts> layers(workload.layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].name = workload.layers[i];
    layers[i].classification = workload.values.empty() ? Classification() : workload.values[i].classification;
  }
  return layers;
}

eie::Parameters roomy(eie::Parameters machine) {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  machine.pe_count = 64;
  machine.codebook_index_bits = 8;
  machine.pointer_width_bits = 32;
  machine.pointer_capacity_bytes = gib;
  machine.spmat_capacity_bytes = gib;
  machine.register_file_entries = 0;
  return machine;
}

void drop_entries(eie::CodedMatrix& matrix) {
  matrix.column_starts = {};
  matrix.row_indices = {};
  matrix.codes = {};
}

}  // namespace lacuna
