#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts_builder.h"
#include "sim/data/random/column_generator.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/column_reader.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/run_layer.h"
#include "sim/family/layer_cost.h"

namespace lacuna {

/// Upper estimates of the memory that a generated layer takes, in bytes: held (trace, memory image of a
/// clocked engine or the timeline's counts), and streamed.
struct LayerFootprint {
  double held = 0;
  double streamed = 0;
};

LayerFootprint footprint_of(const GeneratedLayer& layer, const eie::Parameters& machine);

/// A generated layer on the timeline's recurrences, whose matrix is never held: columns are made when they
/// are needed, and forgotten. Where a quarter of the budget (for one vector, at most 64 MiB) holds the counts
/// of all columns they are made once, those that the layer's formats ask for counted on that occasion; else
/// anew for each vector.
class StreamedLayer : public ColumnReader {
 public:
  /// `progress` is also called within a vector.
  StreamedLayer(const GeneratedLayer& generated, const eie::Parameters& machine, std::uint64_t budget_bytes,
                VectorProgress progress);
  StreamedLayer(const StreamedLayer&) = delete;  // its columns report to it
  StreamedLayer& operator=(const StreamedLayer&) = delete;

  /// For whoever makes the layer's numbers.
  CodedColumn read(std::uint32_t column) override;

  /// Runs all vectors of the layer, whose matrix has its shape alone; once, behind all reading. The result is
  /// that of `run_layer` without outputs. Throws CapacityError when the layer does not fit the machine; where
  /// counts are not kept, after the first vector.
  LayerRun run(const QuantisedLayer& layer);

 private:
  void at(std::size_t vector) const;
  void count_before(std::uint32_t column);
  LayerRun run_counted(const QuantisedLayer& layer);
  LayerRun run_uncounted(const QuantisedLayer& layer) const;

  GeneratedLayer generated_;
  eie::Parameters machine_;
  std::uint64_t budget_bytes_;
  VectorProgress progress_;
  std::size_t vectors_;
  GeneratedEntries entries_;
  std::optional<eie::ColumnCountsBuilder> counts_;  ///< of the columns before `next_`; none where not kept
  std::uint32_t next_ = 0;
};

/// The machine for single compressed layers, on the timeline engine (docs/timeline.md).
std::unique_ptr<LayerMachine> make_layer_machine(const eie::Parameters& machine);

/// The published machine with so many PEs, and with memories and codes wide enough for any layer, none of
/// which changes the timing.
eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits);

}  // namespace lacuna
