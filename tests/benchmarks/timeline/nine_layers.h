#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::benchmark {

/// A generated layer of a published shape, and one activation vector.
struct Workload {
  std::string name;
  eie::Layer layer;
  std::vector<std::int32_t> activations;
};

/// The nine published benchmark layers (EIE, Table III).
std::vector<Workload> nine_layers(const eie::Parameters& parameters);

}  // namespace lacuna::benchmark
