#include "sim/eie/sweep/expected_cost.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/prepare_layer.h"

namespace lacuna {
namespace {

/// Rounded down. One operation on doubles, so that all machines agree.
std::uint64_t share_of(std::uint64_t count, double share) {
  return static_cast<std::uint64_t>(static_cast<double>(count) * share);
}

MatrixWork generated_work(const GeneratedLayer& layer) {
  MatrixWork work;
  work.rows = layer.rows;
  work.columns = layer.columns();
  work.vectors = layer.vectors;
  work.broadcasts = capped_product(work.vectors, share_of(work.columns, layer.activation_density));
  work.products = capped_product(work.broadcasts, share_of(work.rows, layer.weight_density));
  return work;
}

MatrixWork traced_work(const Trace& trace) {
  MatrixWork work;
  work.rows = trace.matrix.rows;
  work.columns = trace.matrix.columns;
  work.vectors = trace.activations.vectors;
  const std::vector<float>& values = trace.activations.values;
  const auto zeros = std::count(values.begin(), values.end(), 0.0F);
  work.broadcasts = values.size() - static_cast<std::uint64_t>(zeros);
  work.products =
      capped_product(work.broadcasts, trace.matrix.nonzeros() / std::max(1U, trace.matrix.columns));
  return work;
}

std::uint64_t nonzeros(const std::vector<float>& values) {
  return values.size() - static_cast<std::uint64_t>(std::count(values.begin(), values.end(), 0.0F));
}

MatrixWork network_work(const NetworkLayer& layer, std::uint64_t images) {
  MatrixWork work;
  work.rows = layer.outputs();
  const std::uint64_t weights = layer.weights->values.size() + layer.weights->recurrent.size();
  work.columns = weights / std::max<std::uint64_t>(1, work.rows);
  work.vectors = capped_product(images, layer.shape.pixels());
  work.broadcasts = capped_product(work.vectors, work.columns) / 2;
  const std::uint64_t held = nonzeros(layer.weights->values) + nonzeros(layer.weights->recurrent);
  work.products = capped_product(work.vectors, held) / 2;
  return work;
}

/// What an engine takes for a point whatever it is, and for a cycle of a PE; on one core of 2023, orders of
/// magnitude (docs/scale.md).
struct EngineSpeed {
  std::uint64_t point_ns = 0;
  std::uint64_t pe_cycle_ps = 0;
};

EngineSpeed speed_of(EngineKind engine) {
  switch (engine) {
    case EngineKind::timeline:
      return {20000, 100};
    case EngineKind::systemc:
      return {5000000, 23000};
    case EngineKind::rtl:
      return {50000000, 80000};
  }
  return {};
}

}  // namespace

std::vector<MatrixWork> workload_work(const EieWorkload& workload, std::uint64_t seed,
                                      const std::string& reference_folder) {
  std::vector<MatrixWork> works;
  if (workload.network != nullptr) {
    const std::uint64_t all = workload.network->loaded.images.size();
    const std::uint64_t images =
        std::min<std::uint64_t>(workload.network->lowering.timed_images.value_or(all), all);
    for (const NetworkLayer& layer : workload.network->loaded.network.layers) {
      if (layer.weights != nullptr && has_weights(layer.kind)) {
        works.push_back(network_work(layer, images));
      }
    }
    return works;
  }
  const LayerSources sources{reference_folder, seed};
  for (const LayerConfig& layer : workload.config.layers) {
    const std::optional<GeneratedLayer> generated = generated_spec(layer, sources);
    works.push_back(generated ? generated_work(*generated) : traced_work(load_layer(layer, sources).trace));
  }
  return works;
}

std::uint64_t pe_cycles(const std::vector<MatrixWork>& work, const eie::Parameters& machine) {
  std::uint64_t sum = 0;
  for (const MatrixWork& each : work) {
    const std::uint64_t rows_at_once = std::uint64_t{machine.register_file_entries} * machine.pe_count;
    const std::uint64_t batches = rows_at_once == 0 ? 1 : (each.rows + rows_at_once - 1) / rows_at_once;
    const std::uint64_t broadcast =
        capped_product(capped_product(each.broadcasts, batches), machine.pe_count);
    sum += std::max(broadcast, each.products);
  }
  return std::min(sum, max_expected_cost);
}

PointCost eie_expected_cost(const EieSpace& space, const std::string& engine,
                            const SweepSurroundings& surroundings) {
  auto works = std::make_shared<std::vector<std::vector<MatrixWork>>>();
  for (const EieWorkload& workload : space.workloads().list) {
    works->push_back(workload_work(workload, space.seed(), surroundings.reference_folder));
  }
  const EngineSpeed speed = speed_of(engine_kind(engine));
  return [&space, works, speed](const Choices& choices) {
    constexpr std::uint64_t ps_per_ns = 1000;
    const EiePoint point = space.point(choices);
    const std::uint64_t cycles = pe_cycles((*works)[point.workload], point.machine);
    return std::min(speed.point_ns + capped_product(cycles, speed.pe_cycle_ps) / ps_per_ns,
                    max_expected_cost);
  };
}

}  // namespace lacuna
