#include "models/eie/engine.h"

#include <string>

#include "models/common/error.h"

namespace lacuna::eie {

void forget_values(RunResult& result) {
  result.outputs.clear();
  for (PeResult& pe : result.pes) {
    pe.events[PeEvent::accumulator_saturations] = 0;
  }
}

MemoryImage Engine::image_of(const Layer& layer) {
  return encode(layer.matrix, image_geometry(parameters()));
}

void Engine::count_intervals(ClassIntervals* intervals) {
  if (intervals != nullptr) {
    throw ConfigurationError({{}, 0, "--intervals"}, "the " + std::string(name()) + " engine counts none",
                             "engine: systemc or timeline");
  }
}

void Engine::record(RunTrace* trace) {
  if (trace != nullptr) {
    throw ConfigurationError({{}, 0, "--timeline"}, "the " + std::string(name()) + " engine records none",
                             "engine: timeline");
  }
}

std::vector<RunResult> Engine::run_all(const Layer& layer, const MemoryImage& image,
                                       const std::vector<std::vector<std::int32_t>>& vectors,
                                       Outputs outputs) {
  std::vector<RunResult> results;
  results.reserve(vectors.size());
  for (const std::vector<std::int32_t>& vector : vectors) {
    results.push_back(run(layer, image, vector, outputs));
  }
  return results;
}

}  // namespace lacuna::eie
