// Runs a generated layer on the timeline engine, and prints its cycles.

#include <iostream>

#include "models/eie/layer.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/run_layer.h"

int main() {
  lacuna::GeneratedLayer spec;
  spec.rows = 100;
  spec.inputs = 200;
  const lacuna::eie::Parameters machine;
  const lacuna::QuantisedLayer layer =
      lacuna::quantise_layer(lacuna::generate_trace(spec), {}, lacuna::eie::value_widths(machine));
  const auto engine = lacuna::eie::make_timeline_engine(machine);
  const auto image = lacuna::fitting_image(machine, layer.layer);
  const auto result = engine->run(layer.layer, image, layer.activations.front());
  std::cout << "cycles " << result.cycles << "\n";
  return result.cycles > 0 ? 0 : 1;
}
