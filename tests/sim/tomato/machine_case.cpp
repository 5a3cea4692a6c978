#include "tests/sim/tomato/machine_case.h"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "sim/network/network_file.h"
#include "sim/tomato/frame_inputs.h"
#include "tests/models/tomato/plain_reference.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

std::vector<std::uint32_t> codes_of(const tomato::Weights& weights) {
  std::vector<std::uint32_t> codes;
  codes.reserve(weights.mantissas.size());
  for (const std::int32_t mantissa : weights.mantissas) {
    codes.push_back(encode(weights.format, {mantissa, unit_exponent(weights.format)}, Rounding::nearest));
    if (decode(weights.format, codes.back()) != mantissa) {
      throw std::logic_error("a weight that its format cannot hold");
    }
  }
  return codes;
}

}  // namespace

PipelineCase machine_case(const tomato::TomatoConfig& config, const tomato::TomatoReport& report) {
  const NetworkFile file = read_network_file(config.workload.network.resolved);
  const tomato::FrameInputs inputs(file.data, make_network(file.network).layers.front().shape, config.seed);
  PipelineCase result;
  result.pipeline = report.machine.pipeline;
  result.parameters = config.architecture.parameters;
  result.input.frames = config.workload.frames;
  const NumberFormat& format = result.pipeline.units[report.machine.analysis.source].format;
  for (std::uint32_t frame = 0; frame < result.input.frames; ++frame) {
    result.input.pixels.push_back(inputs.mantissas(frame, format));
  }
  for (std::size_t unit = 0; unit < result.pipeline.units.size(); ++unit) {
    if (!result.pipeline.units[unit].weights.mantissas.empty()) {
      result.codes[unit] = codes_of(result.pipeline.units[unit].weights);
    }
  }
  return result;
}

void check_clocked_and_plain(const tomato::TomatoConfig& config, const tomato::TomatoReport& report) {
  const PipelineCase machine = machine_case(config, report);
  const tomato::RunResult clocked =
      tomato::make_forked_systemc_engine(machine.pipeline, machine.parameters)->run(machine.input);
  CHECK(run_difference(machine.pipeline, clocked, report.result) == "");
  CHECK(value_difference(machine, clocked) == "");
}

}  // namespace lacuna::test
