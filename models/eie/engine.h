#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "models/common/run_trace.h"
#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

class CycleObserver;

/// What one processing element did in one run.
struct PeResult {
  CycleClassCounts cycles;  ///< sums to the run's cycles
  PeEventCounts events;
};

/// Result of one run: one layer, one activation vector.
struct RunResult {
  std::uint64_t cycles = 0;
  std::vector<PeResult> pes;
  ControlEventCounts control;
  std::vector<std::int32_t>
      outputs;  ///< raw, in the layer's output format, after ReLU; empty if not asked for
};

/// Whether a run computes the layer's values, or only its cycles and the events that do not depend on them.
enum class Outputs { wanted, skipped };

/// Makes a result that of a run without values, for engines that compute them anyway: no outputs, no
/// saturations.
void forget_values(RunResult& result);

/// A simulator of one machine. Runs are independent of each other: each starts from reset.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  virtual const Parameters& parameters() const = 0;

  /// The image of `layer.matrix` for this machine, as far as this engine needs it: engines that take the
  /// nonzeros from the matrix make its sizes alone.
  virtual MemoryImage image_of(const Layer& layer);

  /// Runs one vector of `layer.inputs()` raw activations. `image` is the encoding of `layer.matrix` for this
  /// machine, or `image_of` it; `check_capacity` has accepted the layer. Images of layers that differ have
  /// different identities.
  virtual RunResult run(const Layer& layer, const MemoryImage& image,
                        const std::vector<std::int32_t>& activations, Outputs outputs = Outputs::wanted) = 0;

  /// Runs several vectors, one after the other; the same results as so many calls of `run`. Engines may share
  /// work between them, which pays from some 16 vectors on. A result takes some 200 bytes per PE, besides its
  /// outputs.
  virtual std::vector<RunResult> run_all(const Layer& layer, const MemoryImage& image,
                                         const std::vector<std::vector<std::int32_t>>& vectors,
                                         Outputs outputs = Outputs::wanted);

  /// How many vectors `run_all` should be given at a time, by callers with many of them.
  virtual std::size_t vectors_at_once() const { return 1; }

  /// Reports the following runs to `observer` (nullptr: to nobody). Engines without a clock refuse with a
  /// ConfigurationError.
  virtual void observe(CycleObserver* observer) = 0;

  /// Adds the cycle classes of the following runs to `intervals` (nullptr: to nobody's), one run after the
  /// other; a run throws a ConfigurationError when they become too many. Engines that do not know when a PE
  /// did what refuse with a ConfigurationError.
  virtual void count_intervals(ClassIntervals* intervals);

  /// Tells `trace` what the following runs' PEs did when, how full their queues were, and of the phases
  /// (nullptr: nobody). Engines that do not know refuse with a ConfigurationError.
  virtual void record(RunTrace* trace);

  /// Completes what the engine writes besides its results (wave files); no run may follow. Throws on failure.
  virtual void finish() {}
};

/// Throws ConfigurationError if the parameters contradict each other (ranges are checked by the reader; this
/// checks them again for callers that fill the structure themselves).
void check_parameters(const Parameters& parameters);

/// Throws CapacityError, naming layer, need and limit, if the layer does not fit the machine: codebook,
/// formats, pointers, sparse-matrix SRAM, activation SRAM (contract, section 3).
void check_capacity(const Parameters& parameters, const Layer& layer, const MemoryImage& image);

}  // namespace lacuna::eie
