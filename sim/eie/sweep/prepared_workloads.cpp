#include "sim/eie/sweep/prepared_workloads.h"

#include <map>
#include <utility>

#include "sim/eie/run/layer_source.h"
#include "sim/eie/sweep/prepare_network_workload.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

constexpr std::uint64_t cache_bytes = std::uint64_t{1} << 30;

/// What a layer's trace is made from, as text.
std::string trace_key(const LayerConfig& layer) {
  return layer.trace.resolved + "\n" + FieldWriter::of(layer).dump();
}

/// Traces by what they are made from, each loaded once.
class Traces {
 public:
  explicit Traces(LayerSources sources) : sources_(std::move(sources)) {}

  TracedLayer layer(const LayerConfig& config) {
    const auto [entry, added] = known_.try_emplace(trace_key(config));
    if (added) {
      entry->second = {std::make_shared<const Trace>(load_layer(config, sources_).trace), known_.size()};
    }
    return {&config, entry->second.first, entry->second.second};
  }

 private:
  LayerSources sources_;
  std::map<std::string, std::pair<std::shared_ptr<const Trace>, std::size_t>> known_;
};

}  // namespace

PreparedWorkloads::PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                                     const std::string& reference_folder, bool keep_matrices)
    : workloads_(workloads),
      keep_matrices_(keep_matrices),
      layers_(workloads.list.size()),
      cache_(cache_bytes) {
  Traces traces({reference_folder, workloads.seed});
  for (std::size_t i = 0; i < workloads.list.size(); ++i) {
    if (!wanted[i]) {
      continue;
    }
    for (const LayerConfig& layer : workloads.list[i].config.layers) {
      layers_[i].push_back(traces.layer(layer));
    }
  }
}

ValueKey PreparedWorkloads::value_key(const EiePoint& point) const {
  const eie::Parameters& machine = point.machine;
  return {machine.weight_value_width_bits,
          machine.activation_width_bits,
          machine.accumulator_width_bits,
          static_cast<std::uint32_t>(machine.rounding),
          static_cast<std::uint32_t>(machine.nonzero_detection),
          workloads_.list[point.workload].network != nullptr ? machine.codebook_index_bits : 0};
}

std::shared_ptr<const PreparedWorkload> PreparedWorkloads::prepared(const EiePoint& point) const {
  return cache_.get({point.workload, value_key(point)}, [&] { return prepare(point); });
}

PreparedWorkload PreparedWorkloads::prepare(const EiePoint& point) const {
  const auto& network = workloads_.list[point.workload].network;
  PreparedWorkload result = network != nullptr
                                ? prepare_network_workload(*network, point, workloads_.outputs)
                                : prepare_layers(layers_[point.workload], point.machine, workloads_.outputs);
  if (!keep_matrices_) {
    for (MatrixRun& run : result.runs) {
      drop_entries(run.ready.layer.matrix);
    }
  }
  return result;
}

}  // namespace lacuna
