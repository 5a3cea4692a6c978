#include "sim/eie/run/run_workload.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "models/eie/capacity.h"
#include "models/eie/memory_job.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/layer_parts.h"
#include "sim/eie/run/layer_report.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/reference_outputs.h"
#include "sim/eie/run/run_layer.h"
#include "sim/eie/run/timeline_layer.h"
#include "sim/memory/memory_run.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

constexpr double mib = 1 << 20;

/// A guess at the memory of a layer from a file, which may be packed.
double trace_bytes(const LayerConfig& layer) {
  constexpr double packing = 4.0;
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(layer.trace.resolved, none);
  return none ? 0.0 : packing * static_cast<double>(size);
}

/// What a layer takes when it is held, by which large ones are told from small; 0 for one that cannot run,
/// which says so when it is its turn.
double held_bytes(const LayerConfig& layer, const LayerSources& sources, const eie::Parameters& machine) {
  try {
    const std::optional<GeneratedLayer> generated = generated_spec(layer, sources);
    return generated ? footprint_of(*generated, machine).held : trace_bytes(layer);
  } catch (const Error&) {
    return 0.0;
  }
}

/// Lets layers be held side by side as long as all of them stay within a budget; one alone may exceed it.
class SharedMemory {
 public:
  explicit SharedMemory(double bytes) : bytes_(bytes) {}

  /// Waits until there is room for `bytes`, which are taken until the result goes.
  std::shared_ptr<void> take(double bytes) {
    std::unique_lock<std::mutex> lock(mutex_);
    given_back_.wait(lock, [&] { return taken_ == 0.0 || taken_ + bytes <= bytes_; });
    taken_ += bytes;
    return {nullptr, [this, bytes](void*) { give_back(bytes); }};
  }

 private:
  void give_back(double bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    taken_ -= bytes;
    given_back_.notify_all();
  }

  double bytes_;
  double taken_ = 0.0;
  std::mutex mutex_;
  std::condition_variable given_back_;
};

/// Layers of a workload that follow each other, up to but not including `end`.
struct LayerRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Runs layers one by one; holds what passes from one to the next.
class LayersRun {
 public:
  /// Keeps references. `memory` is what layers that are held have together.
  LayersRun(const RunConfig& config, const RunOptions& options, const std::optional<Costs>& costs,
            SharedMemory& memory)
      : config_(config),
        options_(options),
        held_(memory),
        machine_(config.architecture.parameters),
        engine_(make_engine(config.engine, machine_, options.engine)),
        costs_(costs) {
    if (config.memory) {
      memory_.emplace(*config.memory, eie::memory_machine(machine_));
    }
    if (options_.interval_cycles) {
      engine_->count_intervals(&report_.intervals.emplace(*options_.interval_cycles));
    }
    engine_->record(options_.trace);
  }

  /// What these layers, of which the first takes nothing from the one before it, give the report of the run.
  RunReport run(const LayerRange& range) {
    for (std::size_t i = range.begin; i < range.end; ++i) {
      const std::uint64_t first_cycle = options_.trace != nullptr ? options_.trace->cycles() : 0;
      report_.layers.push_back(run_one(i));
      if (options_.trace != nullptr) {
        options_.trace->add_work_since("layers", report_.layers.back().name, first_cycle);
      }
    }
    if (memory_) {
      add_memory(*memory_, machine_, costs_, options_.memory_requests, report_);
    }
    engine_->count_intervals(nullptr);
    engine_->record(nullptr);
    engine_->finish();
    return std::move(report_);
  }

 private:
  const LayerConfig& layer(std::size_t i) const { return config_.workload.layers[i]; }

  bool feeds_next(std::size_t i) const {
    return i + 1 < config_.workload.layers.size() &&
           layer(i + 1).activations == ActivationSource::from_previous;
  }

  LayerSources sources() const { return {options_.reference_folder, config_.seed}; }
  std::uint64_t budget_bytes() const { return std::uint64_t{config_.memory_budget_mib} << 20U; }
  eie::Outputs wanted_outputs(std::size_t i) const {
    return config_.outputs || feeds_next(i) || options_.values.any() ? eie::Outputs::wanted
                                                                     : eie::Outputs::skipped;
  }
  const LayerOutputs* chained_outputs(std::size_t i) const {
    return layer(i).activations == ActivationSource::from_previous ? &previous_ : nullptr;
  }

  LayerReport run_one(std::size_t i) {
    const auto generated = generated_spec(layer(i), sources());
    if (!generated) {
      const auto taken = held_.take(trace_bytes(layer(i)));
      return run_held(i);
    }
    const LayerFootprint footprint = footprint_of(*generated, machine_);
    const std::string reason = why_held(i, footprint);
    if (reason.empty()) {
      const auto taken = held_.take(footprint.streamed);
      return run_streamed(i, *generated);
    }
    if (footprint.held > static_cast<double>(budget_bytes())) {
      refuse_to_hold(i, footprint, reason);
    }
    const auto taken = held_.take(footprint.held);
    return run_held(i);
  }

  /// Where the report names what the layer was read from.
  void record(const SourcedTrace& sourced) {
    if (sourced.file && options_.records_traces) {
      add_input(*sourced.file, report_);
    }
  }

  LayerReport run_held(std::size_t i) {
    SourcedTrace sourced = load_layer(layer(i), sources());
    record(sourced);
    QuantisedLayer ready = prepare_numbers(layer(i), sourced.trace, chained_outputs(i), machine_);
    eie::CodedMatrix& natural = sourced.trace.matrix;
    const RowOrder order = configured_row_order(layer(i), natural, ready.activations, machine_);
    // A matrix may take most of the memory: it is lent to the layer, not copied.
    ready.layer.matrix =
        order.empty() ? std::exchange(natural, eie::CodedMatrix{}) : reordered(natural, order);
    LayerRun run =
        run_fitting(i, ready, order.empty() ? nullptr : &natural, progress_of(i, sourced.trace.name));
    if (!order.empty()) {
      for (std::vector<std::int32_t>& outputs : run.outputs) {
        outputs = in_layer_order(outputs, order);
      }
    } else {
      natural = std::move(ready.layer.matrix);
    }
    LayerReport report = report_of(sourced, ready, run);
    hand_on(i, sourced.trace, ready, std::move(run), report);
    return report;
  }

  /// Runs a layer in one piece; where there is a memory outside and the machine is too small, in parts.
  LayerRun run_fitting(std::size_t i, const QuantisedLayer& ready, const eie::CodedMatrix* natural,
                       const VectorProgress& progress) {
    std::optional<eie::MemoryImage> image;
    std::optional<PartPlan> parts;
    at_place(layer(i).place, [&] {
      try {
        image = fitting_image(*engine_, ready.layer, natural);
      } catch (const CapacityError& error) {
        if (!memory_) {
          throw;
        }
        parts = plan_parts(*engine_, ready.layer, error);
      }
    });
    if (parts) {
      return run_parts(i, ready, *parts, progress);
    }
    LayerRun run = run_layer(*engine_, ready, *image, wanted_outputs(i), progress);
    note_job(i, ready.layer, *image, run, chained_outputs(i) != nullptr);
    return run;
  }

  LayerRun run_parts(std::size_t i, const QuantisedLayer& ready, const PartPlan& plan,
                     const VectorProgress& progress) {
    LayerRun sum;
    std::vector<std::vector<std::vector<std::int32_t>>> outputs;
    for (const LayerPart& part : plan.parts) {
      const QuantisedLayer piece = part_of(ready, part, plan.splits_inputs);
      const eie::MemoryImage image = fitting_image(*engine_, piece.layer);
      LayerRun run = run_layer(*engine_, piece, image, wanted_outputs(i), progress);
      note_job(i, piece.layer, image, run, outputs.empty() && chained_outputs(i) != nullptr);
      outputs.push_back(std::move(run.outputs));
      sum.sums += run.sums;
      sum.stored_entries += run.stored_entries;
      sum.padding_entries += run.padding_entries;
      sum.pes.resize(run.pes.size());
      for (std::size_t pe = 0; pe < run.pes.size(); ++pe) {
        sum.pes[pe] += run.pes[pe];
      }
    }
    sum.sums.vectors = ready.activations.size();
    if (wanted_outputs(i) == eie::Outputs::wanted) {
      sum.outputs = join_outputs(machine_, ready.layer, plan, outputs);
    }
    report_.notes.push_back(fmt::format("layer {} runs in {} parts: {}", ready.layer.name, plan.parts.size(),
                                        plan.splits_inputs
                                            ? "the host adds their partial sums, which takes no time here"
                                            : "of its outputs"));
    return sum;
  }

  /// Puts what ran as one job into memory.
  void note_job(std::size_t i, const eie::Layer& ran, const eie::MemoryImage& image, const LayerRun& run,
                bool takes_results) {
    if (!memory_) {
      return;
    }
    memory_->add(i,
                 eie::memory_job(machine_, eie::LayerShape::of(ran), ran.codebook.size(), image.row_batches,
                                 image.pe_entries(), run.vector_cycles),
                 takes_results ? MemoryRun::Inputs::results_before : MemoryRun::Inputs::of_their_own);
  }

  /// Why a generated layer cannot be streamed; empty where it can, which is faster and takes less memory.
  std::string why_held(std::size_t i, const LayerFootprint& footprint) const {
    if (memory_) {
      return "a streamed layer has no memory phases";
    }
    if (options_.interval_cycles || options_.trace != nullptr) {
      return "a streamed layer has no --intervals and no --timeline";
    }
    if (config_.engine != EngineKind::timeline) {
      return "only the timeline engine streams layers";
    }
    if (wanted_outputs(i) == eie::Outputs::wanted) {
      return "a streamed layer has no outputs";
    }
    if (layer(i).row_order != RowOrderKind::natural) {
      return "a streamed layer keeps its rows' order";
    }
    if (footprint.streamed > static_cast<double>(budget_bytes())) {
      return fmt::format("streamed it takes about {:.0f} MiB", std::ceil(footprint.streamed / mib));
    }
    return {};
  }

  [[noreturn]] void refuse_to_hold(std::size_t i, const LayerFootprint& footprint,
                                   const std::string& reason) const {
    throw CapacityError(
        layer(i).place,
        fmt::format("the layer takes about {:.0f} MiB when it is held, and {}", footprint.held / mib, reason),
        fmt::format("memory_budget_mib is {}; more, or engine: timeline with outputs: false and row_order: "
                    "natural",
                    config_.memory_budget_mib));
  }

  LayerReport run_streamed(std::size_t i, const GeneratedLayer& generated) {
    const SourcedTrace sourced = load_layer_shape(layer(i), sources());
    record(sourced);
    StreamedLayer streamed(generated, machine_, budget_bytes(), progress_of(i, sourced.trace.name));
    QuantisationInputs matrix;
    matrix.columns = &streamed;
    matrix.most_bytes = budget_bytes() / 2;
    const QuantisedLayer ready =
        prepare_numbers(layer(i), sourced.trace, chained_outputs(i), machine_, matrix);
    LayerRun run = at_place(layer(i).place, [&] { return streamed.run(ready); });
    LayerReport report = report_of(sourced, ready, run);
    hand_on(i, sourced.trace, ready, std::move(run), report);
    return report;
  }

  VectorProgress progress_of(std::size_t i, const std::string& name) const {
    if (!options_.progress) {
      return {};
    }
    return [this, i, name](std::size_t vector, std::size_t vectors) {
      options_.progress({i, config_.workload.layers.size(), name, vector, vectors});
    };
  }

  LayerReport report_of(const SourcedTrace& sourced, const QuantisedLayer& ready, const LayerRun& run) const {
    LayerReport report;
    report.name = sourced.trace.name;
    report.source = sourced.source;
    report.rows = ready.layer.outputs();
    report.columns = ready.layer.inputs();
    report.has_bias = ready.layer.has_bias;
    report.relu = ready.layer.relu;
    report.formats = ready.layer.formats;
    report.numbers = {ready.weights, ready.real_activations};
    report.stored_entries = run.stored_entries;
    report.padding_entries = run.padding_entries;
    report.true_nonzeros = run.stored_entries - run.padding_entries;
    report.sums = run.sums;
    report.pes = run.pes;
    derive_measures(machine_, costs_, report);
    return report;
  }

  /// Keeps the outputs for the next layer; classifies where a chain ends.
  void hand_on(std::size_t i, const Trace& trace, const QuantisedLayer& ready, LayerRun run,
               LayerReport& report) {
    std::vector<std::int32_t> labels = known_labels(layer(i), trace, previous_);
    if (config_.outputs) {
      report.outputs_checksum = outputs_checksum(run.outputs);
      if (!feeds_next(i) && !labels.empty()) {
        report.classification = classify(run.outputs, labels);
      }
    }
    if (options_.values.any()) {
      keep_values(i, trace, ready, run.outputs);
    }
    previous_ = {std::move(run.outputs), ready.layer.formats.output, std::move(labels)};
  }

  void keep_values(std::size_t i, const Trace& trace, const QuantisedLayer& ready,
                   const std::vector<std::vector<std::int32_t>>& outputs) {
    const WantedValues& wanted = options_.values;
    const FixedFormat& format = ready.layer.formats.output;
    LayerValues values = fixed_point_values(trace.name, {ready.layer.outputs()}, format);
    values.vectors = outputs.size();
    if (wanted.reference) {
      const bool chained = chained_outputs(i) != nullptr;
      reference_ = reference_outputs(trace, chained ? &reference_ : nullptr);
      QuantisationTally& error = values.error.emplace();
      for (std::size_t vector = 0; vector < outputs.size(); ++vector) {
        for (std::size_t row = 0; row < outputs[vector].size(); ++row) {
          error.add(reference_[vector][row], to_real(outputs[vector][row], format), false);
        }
      }
    }
    const bool last = i + 1 == config_.workload.layers.size();
    if (wanted.kept == KeptValues::of_all_layers || (wanted.kept == KeptValues::of_last_layer && last)) {
      kept_elements_ += outputs.size() * values.elements();
      check_kept_values(kept_elements_, wanted, config_.memory_budget_mib);
      for (std::size_t vector = 0; vector < outputs.size(); ++vector) {
        values.raw.insert(values.raw.end(), outputs[vector].begin(), outputs[vector].end());
        if (wanted.reference) {
          values.reference.insert(values.reference.end(), reference_[vector].begin(),
                                  reference_[vector].end());
        }
      }
    }
    report_.values.push_back(std::move(values));
  }

  const RunConfig& config_;
  const RunOptions& options_;
  SharedMemory& held_;
  const eie::Parameters machine_;
  std::unique_ptr<eie::Engine> engine_;
  std::vector<std::vector<double>> reference_;  ///< of the layer before
  std::uint64_t kept_elements_ = 0;
  const std::optional<Costs>& costs_;
  LayerOutputs previous_;
  std::optional<MemoryRun> memory_;
  RunReport report_;
};

/// Runs of layers that take activations from each other.
std::vector<LayerRange> chains_of(const std::vector<LayerConfig>& layers) {
  std::vector<LayerRange> chains;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i == 0 || layers[i].activations != ActivationSource::from_previous) {
      chains.push_back({i, i});
    }
    chains.back().end = i + 1;
  }
  return chains;
}

/// The layers of a workload, or where that may be its chains apart, so that threads can share them: other
/// engines than the timeline are one to a process, and what is kept of all layers (memory phases, intervals,
/// traces, values within the budget) is kept in their order.
std::vector<LayerRange> parts_of(const RunConfig& config, const RunOptions& options) {
  const std::vector<LayerConfig>& layers = config.workload.layers;
  const bool apart = options.threads > 1 && config.engine == EngineKind::timeline && !config.memory &&
                     !options.interval_cycles && !options.values.any() && options.trace == nullptr;
  return apart ? chains_of(layers) : std::vector<LayerRange>{{0, layers.size()}};
}

/// Thrown where the rest of a part is not wanted any more.
struct NotWanted {};

/// The parts of a workload in several threads, each part as it would run alone.
class PartsRun {
 public:
  PartsRun(const RunConfig& config, const RunOptions& options, const std::optional<Costs>& costs,
           const std::vector<LayerRange>& parts, SharedMemory& memory)
      : config_(config),
        options_(options),
        costs_(costs),
        parts_(parts),
        memory_(memory),
        order_(largest_first(sizes_of(config, options, parts))),
        reports_(parts.size()),
        failures_(parts.size()),
        first_failed_(parts.size()) {}

  /// The reports of all parts. Throws what the first of those that fail throws.
  std::vector<RunReport> run() {
    parallel_for_watched(
        {parts_.size(), 1, options_.threads}, [this](const ParallelPart& part) { run_part(part); },
        [this] { tell(); });
    if (first_failed_ < parts_.size()) {
      std::rethrow_exception(failures_[first_failed_]);
    }
    return std::move(reports_);
  }

 private:
  static std::vector<double> sizes_of(const RunConfig& config, const RunOptions& options,
                                      const std::vector<LayerRange>& parts) {
    const LayerSources sources{options.reference_folder, config.seed};
    std::vector<double> sizes;
    for (const LayerRange& part : parts) {
      double& size = sizes.emplace_back(0.0);
      for (std::size_t i = part.begin; i < part.end; ++i) {
        size += held_bytes(config.workload.layers[i], sources, config.architecture.parameters);
      }
    }
    return sizes;
  }

  void run_part(const ParallelPart& part) {
    const std::size_t number = order_[part.begin];
    RunOptions options = options_;
    options.progress = [&](const RunProgress& progress) {
      if (part.stopped || first_failed_ < number) {
        throw NotWanted();
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      latest_ = progress;
    };
    try {
      if (first_failed_ >= number) {
        reports_[number] = LayersRun(config_, options, costs_, memory_).run(parts_[number]);
      }
    } catch (const NotWanted&) {
      // There is an earlier failure, or the run is stopped.
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      failures_[number] = std::current_exception();
      first_failed_ = std::min<std::size_t>(first_failed_, number);
    }
  }

  /// In the thread of the caller, who may stop the run by an exception.
  void tell() {
    std::optional<RunProgress> latest;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      latest = latest_;
    }
    if (options_.progress && latest) {
      options_.progress(*latest);
    }
  }

  const RunConfig& config_;
  const RunOptions& options_;
  const std::optional<Costs>& costs_;
  const std::vector<LayerRange>& parts_;
  SharedMemory& memory_;
  const std::vector<std::size_t> order_;  ///< in which parts begin
  std::vector<RunReport> reports_;
  std::vector<std::exception_ptr> failures_;
  std::atomic<std::size_t> first_failed_;
  std::mutex mutex_;
  std::optional<RunProgress> latest_;  ///< under the mutex
};

std::vector<RunReport> run_parts(const RunConfig& config, const RunOptions& options,
                                 const std::optional<Costs>& costs) {
  SharedMemory memory(static_cast<double>(config.memory_budget_mib) * mib);
  const std::vector<LayerRange> parts = parts_of(config, options);
  if (parts.size() > 1) {
    return PartsRun(config, options, costs, parts, memory).run();
  }
  std::vector<RunReport> whole;
  whole.push_back(LayersRun(config, options, costs, memory).run(parts.front()));
  return whole;
}

template <class T>
void append(std::vector<T> more, std::vector<T>& all) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// Adds what a part gives to the report of the run.
void append(RunReport part, RunReport& report) {
  for (InputFile& input : part.inputs) {
    add_input(std::move(input), report);
  }
  append(std::move(part.notes), report.notes);
  append(std::move(part.layers), report.layers);
  append(std::move(part.values), report.values);
  if (part.intervals) {
    report.intervals = std::move(part.intervals);
  }
  if (part.total.memory) {
    report.total.memory = part.total.memory;
  }
}

}  // namespace

RunReport run_workload(const RunConfig& config, const RunOptions& options) {
  RunReport report;
  report.engine = engine_name(config.engine);
  const eie::Parameters& machine = config.architecture.parameters;
  const std::optional<Costs> costs = load_energy(config.energy, machine, report);
  for (RunReport& part : run_parts(config, options, costs)) {
    append(std::move(part), report);
  }
  sum_up(machine, costs, report);
  return report;
}

}  // namespace lacuna
