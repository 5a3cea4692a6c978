#include "sim/eie/validate/validate_eie.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/forked_engine.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace_file.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"
#include "sim/eie/validate/benchmark_runs.h"
#include "sim/files/csv_table.h"

namespace lacuna {
namespace {

eie::Parameters authors_machine(const ValidationOptions& options) {
  return load_architecture(options.architecture_folder + "/eie-authors-simulator.yaml").parameters;
}

void add_ground_truth(const ValidationOptions& options, const eie::Parameters& machine,
                      EieValidation& validation) {
  const std::filesystem::path folder = std::filesystem::path(options.data_folder) / "alexnet_fc8";
  std::error_code error;
  validation.ground_truth_found =
      !options.data_folder.empty() && std::filesystem::is_directory(folder, error);
  if (!validation.ground_truth_found) {
    return;
  }
  Trace trace = import_csc_npy(folder.string(), {});
  trace.name = "AlexNet fc8";
  const CsvTable table(options.reference_folder + "/eie_authors_simulator.csv");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    eie::Parameters parameters = machine;
    parameters.pe_count = table.whole_number(row, "pes");
    parameters.queue_depth_entries = table.whole_number(row, "usable_queue_entries");
    const MachineRun run = run_on_machine(trace, parameters, options.engine, options.engine_options);
    const auto add = [&](const char* what, const char* column, std::uint64_t ours) {
      validation.ground_truth.push_back(
          {fmt::format("{}, {} PEs, {} usable queue entries: {}", table.text(row, "layer"),
                       parameters.pe_count, parameters.queue_depth_entries, what),
           table.whole_number(row, column), ours});
    };
    add("cycles", "cycles", run.result.cycles);
    add("sparse-matrix row reads", "spmat_row_reads", run.total(eie::PeEvent::spmat_row_reads));
    add("pointer reads", "pointer_reads", run.total(eie::PeEvent::pointer_reads));
  }
}

/// Row of the published wall-clock table for the published machine and a kind of time.
std::size_t published_row(const CsvTable& table, const std::string& kind) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, "platform") == "EIE 64 PE 800 MHz" && table.text(row, "matrix") == kind) {
      return row;
    }
  }
  throw InputDataError({table.path(), 0, {}}, fmt::format("no row EIE 64 PE 800 MHz, {}", kind));
}

void add_benchmarks(const ValidationOptions& options, const eie::Parameters& machine,
                    EieValidation& validation) {
  const CsvTable times(options.reference_folder + "/eie_wall_clock_us.csv");
  const std::size_t theoretical = published_row(times, "theoretical");
  const std::size_t actual = published_row(times, "actual");
  eie::Parameters batched_machine = machine;
  batched_machine.register_file_entries = 64;
  for (const PublishedBenchmark& benchmark : read_published_benchmarks(options.reference_folder)) {
    const Trace trace = generate_trace(generated_layer(benchmark, options.seed));
    const MachineRun run = run_on_machine(trace, machine, options.engine, options.engine_options);
    const MachineRun batched = run_on_machine(trace, batched_machine, options.engine, options.engine_options);
    BenchmarkTime time;
    time.layer = benchmark.layer;
    time.published_theoretical_us = times.number(theoretical, benchmark.layer);
    time.published_actual_us = times.number(actual, benchmark.layer);
    time.theoretical_us = run.theoretical_cycles() / machine.clock_mhz;
    time.actual_us = static_cast<double>(run.result.cycles) / machine.clock_mhz;
    time.batched_us = static_cast<double>(batched.result.cycles) / machine.clock_mhz;
    validation.benchmarks.push_back(time);
  }
}

std::string ground_truth_text(const EieValidation& validation) {
  if (!validation.ground_truth_found) {
    return "skipped: AlexNet fc8 of the EIE authors is not there (no licence, not shipped); name the folder "
           "that "
           "holds alexnet_fc8 with --data\n";
  }
  std::string text = "| count | theirs | ours | difference |\n|---|---:|---:|---:|\n";
  for (const GroundTruth& row : validation.ground_truth) {
    text += fmt::format("| {} | {} | {} | {} |\n", row.what, row.theirs, row.ours,
                        static_cast<std::int64_t>(row.ours) - static_cast<std::int64_t>(row.theirs));
  }
  return text;
}

std::string benchmark_text(const EieValidation& validation) {
  std::string text =
      "| layer | published theoretical us | ours | published actual us | ours | published overhead | ours | "
      "actual: "
      "difference | within 11 % | ours with batches us "
      "|\n|---|---:|---:|---:|---:|---:|---:|---:|---|---:|\n";
  for (const BenchmarkTime& t : validation.benchmarks) {
    text += fmt::format(
        "| {} | {:.1f} | {:.2f} | {:.1f} | {:.2f} | {:.1f} % | {:.1f} % | {:+.1f} % | {} | {:.2f} |\n",
        t.layer, t.published_theoretical_us, t.theoretical_us, t.published_actual_us, t.actual_us,
        100.0 * (t.published_actual_us / t.published_theoretical_us - 1.0),
        100.0 * (t.actual_us / t.theoretical_us - 1.0), 100.0 * t.difference(),
        std::abs(t.difference()) <= EieValidation::tolerance ? "yes" : "no", t.batched_us);
  }
  text += fmt::format("\n{} of {} layers within {:.0f} % of the published actual time; {} are asked for.\n",
                      validation.layers_within_tolerance(), validation.benchmarks.size(),
                      100.0 * EieValidation::tolerance, EieValidation::layers_needed);
  return text;
}

}  // namespace

std::size_t EieValidation::layers_within_tolerance() const {
  return static_cast<std::size_t>(
      std::count_if(benchmarks.begin(), benchmarks.end(),
                    [](const BenchmarkTime& t) { return std::abs(t.difference()) <= tolerance; }));
}

bool EieValidation::passed() const {
  const bool exact = std::all_of(ground_truth.begin(), ground_truth.end(),
                                 [](const GroundTruth& row) { return row.ours == row.theirs; });
  return exact && layers_within_tolerance() >= layers_needed;
}

EieValidation validate_eie(const ValidationOptions& options) {
  const eie::Parameters machine = authors_machine(options);
  EieValidation validation;
  add_ground_truth(options, machine, validation);
  add_benchmarks(options, machine, validation);
  return validation;
}

std::string validation_text(const EieValidation& validation) {
  return "EIE against its authors' own simulator (must be equal)\n\n" + ground_truth_text(validation) +
         "\nEIE, nine published layers: generated traces at the published shapes and densities, machine of "
         "the "
         "authors' simulator, 64 PEs\n\n" +
         benchmark_text(validation);
}

namespace {

template <class Values>
std::uint64_t differing(const Values& a, const Values& b) {
  std::uint64_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    count += a[i] != b[i] ? 1U : 0U;
  }
  return count;
}

std::uint64_t differences(const eie::RunResult& a, const eie::RunResult& b) {
  std::uint64_t count = a.cycles != b.cycles ? 1 : 0;
  count += differing(a.control.values, b.control.values);
  count += differing(a.outputs, b.outputs);
  for (std::size_t pe = 0; pe < a.pes.size(); ++pe) {
    count += differing(a.pes[pe].cycles.values, b.pes[pe].cycles.values);
    count += differing(a.pes[pe].events.values, b.pes[pe].events.values);
  }
  return count;
}

/// An engine of which a process may make several.
std::unique_ptr<eie::Engine> separate_engine(EngineKind kind, const eie::Parameters& machine,
                                             const EngineOptions& options) {
  const auto make = [kind, &options](const eie::Parameters& p) { return make_engine(kind, p, options); };
  return kind == EngineKind::systemc ? eie::make_forked_engine(make, machine) : make(machine);
}

class Comparison {
 public:
  Comparison(const ValidationOptions& options, const std::vector<EngineKind>& engines)
      : options_(options), engines_(engines) {}

  void add(const Trace& trace, const std::string& preset, const eie::Parameters& machine) {
    const QuantisedLayer layer = quantise_layer(trace, {}, eie::value_widths(machine));
    const eie::MemoryImage image = fitting_image(machine, layer.layer);
    LayerOnEngines row{trace.name, preset, layer.activations.size(), {}};
    const auto run_all = [&](EngineKind kind) {
      const auto engine = separate_engine(kind, machine, options_.engine_options);
      std::vector<eie::RunResult> results;
      for (const auto& activations : layer.activations) {
        results.push_back(engine->run(layer.layer, image, activations));
      }
      return results;
    };
    const std::vector<eie::RunResult> reference = run_all(EngineKind::systemc);
    row.engines.push_back(compare(EngineKind::systemc, reference, reference));
    for (const EngineKind kind : engines_) {
      row.engines.push_back(compare(kind, run_all(kind), reference));
    }
    result.layers.push_back(row);
  }

  EngineValidation result;

 private:
  static EngineCycles compare(EngineKind kind, const std::vector<eie::RunResult>& results,
                              const std::vector<eie::RunResult>& reference) {
    EngineCycles engine{engine_name(kind), 0, 0};
    for (std::size_t vector = 0; vector < results.size(); ++vector) {
      engine.cycles += results[vector].cycles;
      engine.differences += differences(results[vector], reference[vector]);
    }
    return engine;
  }

  const ValidationOptions& options_;
  const std::vector<EngineKind>& engines_;
};

}  // namespace

bool EngineValidation::passed() const {
  return std::all_of(layers.begin(), layers.end(), [](const LayerOnEngines& layer) {
    return std::all_of(layer.engines.begin(), layer.engines.end(),
                       [](const EngineCycles& engine) { return engine.differences == 0; });
  });
}

EngineValidation validate_engines(const ValidationOptions& options, const std::string& trace_folder,
                                  const std::vector<EngineKind>& engines) {
  const auto preset = [&](const std::string& name) {
    return load_architecture(options.architecture_folder + "/" + name + ".yaml").parameters;
  };
  Comparison comparison(options, engines);
  const eie::Parameters authors = preset("eie-authors-simulator");
  for (const PublishedBenchmark& benchmark : read_published_benchmarks(options.reference_folder)) {
    comparison.add(generate_trace(generated_layer(benchmark, options.seed)), "eie-authors-simulator",
                   authors);
  }
  eie::Parameters published = preset("eie-64pe-45nm");
  for (const char* file : {"lenet5/fc1.h5", "lenet5/logits.h5"}) {
    comparison.add(read_trace(trace_folder + "/" + file), "eie-64pe-45nm", published);
  }
  published.codebook_index_bits = 8;
  for (const char* file :
       {"fire2-conv1x1_1.h5", "fire5-conv1x1_1.h5", "fire9-conv1x1_1.h5", "fire9-conv1x1_2.h5"}) {
    comparison.add(read_trace(trace_folder + "/squeezenet/" + file), "eie-64pe-45nm, 8-bit codes", published);
  }
  return comparison.result;
}

std::string validation_text(const EngineValidation& validation) {
  std::string text = "| layer | machine | vectors |";
  std::string rule = "\n|---|---|---:|";
  for (const EngineCycles& engine : validation.layers.front().engines) {
    text += fmt::format(" cycles, {} | numbers that differ |", engine.engine);
    rule += "---:|---:|";
  }
  text += rule + "\n";
  for (const LayerOnEngines& layer : validation.layers) {
    text += fmt::format("| {} | {} | {} |", layer.layer, layer.machine, layer.vectors);
    for (const EngineCycles& engine : layer.engines) {
      text += fmt::format(" {} | {} |", engine.cycles, engine.differences);
    }
    text += "\n";
  }
  return text;
}

}  // namespace lacuna
