#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/layer_report.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"

using namespace lacuna;

namespace {

const std::string reference = std::string(LACUNA_SOURCE_DIR) + "/configs/reference";

LayerConfig generated(std::uint32_t rows, std::uint32_t columns) {
  LayerConfig config;
  config.generate.emplace();
  config.generate->rows = rows;
  config.generate->columns = columns;
  config.generate->weight_density = 0.5;
  config.generate->activation_density = 0.5;
  config.place = {"c.yaml", 7, "workload.layers.1"};
  return config;
}

LayerOutputs outputs_of(std::uint32_t count, int integer_bits) {
  return {{std::vector<std::int32_t>(count, 3)}, {16, integer_bits}, {}};
}

std::string refusal(const LayerConfig& config, const LayerOutputs& previous) {
  try {
    prepare_layer(config, load_layer(config, {reference, 1}).trace, &previous, {});
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a chained layer takes the previous outputs unchanged, in their format") {
  LayerConfig config = generated(4, 6);
  config.activations = ActivationSource::from_previous;
  const LayerOutputs previous = outputs_of(6, 5);
  const QuantisedLayer layer = prepare_layer(config, load_layer(config, {reference, 1}).trace, &previous, {});
  CHECK(layer.activations == previous.vectors);
  CHECK(layer.layer.formats.activation == previous.format);
}

TEST_CASE("a chain that does not fit is refused") {
  LayerConfig config = generated(4, 6);
  config.activations = ActivationSource::from_previous;
  CHECK(refusal(config, outputs_of(5, 5)) ==
        "c.yaml:7: workload.layers.1.activations: the layer before has 5 outputs, 'generated' takes 6 "
        "inputs; layers "
        "whose shapes match, or 'activations: trace'");
  config.formats.emplace();
  config.formats->integer_bits.activation = 4;
  CHECK(refusal(config, outputs_of(6, 5)).find("formats.activation_integer_bits: is 4, but the outputs") !=
        std::string::npos);
  CHECK(refusal(config, outputs_of(6, 4)) == "no error");
  config.max_vectors = 1;
  CHECK(refusal(config, {{{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}}, {16, 4}, {}}).find("max_vectors: is 1") !=
        std::string::npos);
}

TEST_CASE("formats of the configuration win") {
  LayerConfig config = generated(4, 6);
  config.formats.emplace();
  config.formats->integer_bits.weight = 2;
  config.formats->integer_bits.activation = 3;
  config.formats->integer_bits.accumulator = 7;
  config.formats->integer_bits.output = 6;
  const QuantisedLayer layer = prepare_layer(config, load_layer(config, {reference, 1}).trace, nullptr, {});
  CHECK(layer.layer.formats.weight.integer_bits == 2);
  CHECK(layer.layer.formats.activation.integer_bits == 3);
  CHECK(layer.layer.formats.accumulator.integer_bits == 7);
  CHECK(layer.layer.formats.output.integer_bits == 6);
  config.formats->integer_bits.weight = 20;
  CHECK_THROWS_WITH(prepare_layer(config, load_layer(config, {reference, 1}).trace, nullptr, {}),
                    Catch::StartsWith("c.yaml:7: workload.layers.1: "));
}

TEST_CASE("every setting of a layer reaches its trace") {
  LayerConfig config = generated(4, 6);
  config.generate->vectors = 3;
  config.generate->codebook_index_bits = 2;
  config.generate->has_bias = true;
  const Trace plain = load_layer(config, {reference, 1}).trace;
  CHECK(plain.matrix.rows == 4);
  CHECK(plain.inputs() == 6);
  CHECK(plain.has_bias);
  CHECK(plain.codebook.size() == 4);
  CHECK(plain.activations.vectors == 3);
  CHECK(plain.relu);
  CHECK(load_layer(config, {reference, 2}).trace.matrix.row_indices != plain.matrix.row_indices);
  config.generate->seed = 1;
  CHECK(load_layer(config, {reference, 2}).trace.matrix.row_indices == plain.matrix.row_indices);
  config.max_vectors = 2;
  config.relu = false;
  config.name = "mine";
  const Trace changed = load_layer(config, {reference, 1}).trace;
  CHECK(changed.activations.vectors == 2);
  CHECK(changed.activations.values.size() == 12);
  CHECK_FALSE(changed.relu);
  CHECK(changed.name == "mine");
}

TEST_CASE("a benchmark layer has the published shape, its seed and vectors") {
  LayerConfig config;
  config.benchmark = "NT-We";
  config.vectors = 2;
  const SourcedTrace first = load_layer(config, {reference, 1});
  CHECK(first.source == "NT-We");
  CHECK(first.trace.matrix.rows == 600);
  CHECK(first.trace.inputs() == 4096);
  CHECK(first.trace.activations.vectors == 2);
  config.seed = 2;
  CHECK(load_layer(config, {reference, 1}).trace.matrix.row_indices != first.trace.matrix.row_indices);
}

TEST_CASE("the class is the first largest output") {
  CHECK(classify({{1, 3, 2}, {5, 5, 1}, {0, 0, 0}}, {1, 0, 2}).correct == 2);
  CHECK(classify({{1, 3}, {2, 1}}, {1}).labelled == 1);
}

TEST_CASE("the checksum is of little-endian 32-bit integers") {
  CHECK(outputs_checksum({{1}, {-1}}) == "b15348c8f462384c01e83b6d499c6faf3f96808f5aa07c6bab4b65b36b4445d4");
  CHECK(outputs_checksum({{1, -1}}) == outputs_checksum({{1}, {-1}}));
  CHECK(outputs_checksum({{1}}) != outputs_checksum({{-1}}));
}

TEST_CASE("load balance leaves out loads and stores") {
  eie::CycleClassCounts classes;
  classes[eie::CycleClass::busy] = 30;
  classes[eie::CycleClass::starved] = 10;
  classes[eie::CycleClass::batch_load] = 50;
  classes[eie::CycleClass::batch_store] = 50;
  CHECK(load_balance_efficiency(classes) == 0.75);
  CHECK(load_balance_efficiency({}) == 0.0);
  CHECK(useful_work_ratio(3, 4) == 0.75);
  CHECK(useful_work_ratio(0, 0) == 1.0);
}

TEST_CASE("only the SystemC engine writes waves") {
  CHECK_THROWS_WITH(make_engine(EngineKind::timeline, {}, {"a.vcd", {}, {}}),
                    Catch::Contains("writes no waves"));
  CHECK(engine_name(EngineKind::rtl) == "rtl");
}

TEST_CASE("an engine that does not exist is refused") {
  CHECK_THROWS_WITH(make_engine(static_cast<EngineKind>(99), {}, {}), Catch::Contains("'99' is no engine"));
}
