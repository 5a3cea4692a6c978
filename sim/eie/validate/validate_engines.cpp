#include "sim/eie/validate/validate_engines.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "models/eie/forked_engine.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace_file.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/published_benchmarks.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
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
