#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/data/random/column_generator.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/report/eie_result.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_workload.h"
#include "sim/eie/run/timeline_layer.h"
#include "sim/report/result_json.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string reference = std::string(LACUNA_SOURCE_DIR) + "/configs/reference";

std::string config_text(const std::string& machine, const std::string& layer, const std::string& rest) {
  return "architecture: {kind: eie, spmat_capacity_bytes: 1048576, pointer_capacity_bytes: 1048576, "
         "pointer_width_bits: 32, activation_sram_bytes: 65536, " +
         machine +
         "}\n"
         "workload:\n  layers:\n    - generate: {rows: 400, columns: 900, weight_density: 0.3, "
         "activation_density: 0.4" +
         layer + "}\nengine: timeline\n" + rest;
}

/// The result without the budget. Layers of which intervals are counted are held.
std::string result_of(const std::string& text, const std::string& budget_mib,
                      std::optional<std::uint64_t> interval_cycles = std::nullopt) {
  const test::TemporaryFolder folder;
  const RunConfig config =
      load_run_config(folder.write("c.yaml", text), {{"memory_budget_mib=" + budget_mib}, {}, {}});
  RunOptions options{reference, {}, {}};
  options.interval_cycles = interval_cycles;
  RunReport report = run_workload(config, options);
  CHECK(report.intervals.has_value() == interval_cycles.has_value());
  report.intervals.reset();
  nlohmann::ordered_json json = result_json(eie_result(config, report));
  json.at("configuration").erase("memory_budget_mib");
  return json.dump(1);
}

std::string refusal_of(const std::string& text) {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write("c.yaml", text + "memory_budget_mib: 1\n"));
  try {
    run_workload(config, {reference, {}, {}});
  } catch (const CapacityError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a streamed layer gives the result of a held one in every field") {
  const std::string no_outputs = "outputs: false\n";
  const std::vector<std::string> texts = {
      config_text("pe_count: 8, register_file_entries: 16", ", vectors: 6, has_bias: true", no_outputs),
      config_text("pe_count: 64, register_file_entries: 0", ", vectors: 1", no_outputs),
      config_text("pe_count: 5, register_file_entries: 100, arithmetic_bypass: false, spmat_width_bits: 72",
                  ", vectors: 3, seed: 9", no_outputs),
      config_text("pe_count: 16, pointer_prefetch: false, accumulator_width_bits: 24", ", vectors: 20",
                  no_outputs)};
  for (const std::string& text : texts) {
    const std::string held = result_of(text, "1024", 1000000);
    CHECK(result_of(text, "1") == held);
    CHECK(result_of(text, "1024") == held);  // counted once for several vectors
  }
}

TEST_CASE("what cannot be streamed is refused with what is allowed") {
  const std::string machine = "register_file_entries: 0";
  CHECK_THAT(refusal_of(config_text(machine, "", "")), Catch::Contains("a streamed layer has no outputs"));
  std::string systemc = config_text(machine, "", "outputs: false\n");
  systemc.replace(systemc.find("engine: timeline"), 16, "engine: systemc");
  CHECK_THAT(refusal_of(systemc), Catch::Contains("only the timeline engine streams") &&
                                      Catch::Contains("memory_budget_mib is 1") &&
                                      Catch::Contains("c.yaml:"));
  CHECK_THAT(refusal_of(config_text(machine, "}\n      row_order: balanced_nonzeros\n      formats: {",
                                    "outputs: false\n")),
             Catch::Contains("keeps its rows' order"));
  CHECK_THAT(refusal_of(config_text(machine, ", vectors: 2000", "outputs: false\n")),
             Catch::Contains("streamed it takes about"));
}

TEST_CASE("a streamed layer that does not fit the machine is refused") {
  std::string text = config_text("register_file_entries: 0", "", "outputs: false\n");
  const std::string roomy = "spmat_capacity_bytes: 1048576";
  text.replace(text.find(roomy), roomy.size(), "spmat_capacity_bytes: 1024");
  CHECK_THAT(refusal_of(text), Catch::Contains("sparse-matrix SRAM"));
}

TEST_CASE("a streamed layer can be interrupted within a vector") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write(
      "c.yaml", config_text("register_file_entries: 0", "", "outputs: false\nmemory_budget_mib: 1\n")));
  int calls = 0;
  RunOptions options{reference, {}, {}};
  options.progress = [&](const RunProgress& at) {
    CHECK(at.vectors == 1);
    if (++calls == 3) {
      throw std::runtime_error("stopped");
    }
  };
  CHECK_THROWS_WITH(run_workload(config, options), "stopped");
}

TEST_CASE("a layer of any size that the generator knows is described without being made") {
  GeneratedLayer layer;
  layer.rows = 0x7fffffff;
  layer.inputs = 0x7ffffffe;
  layer.weight_density = 1.0;
  layer.vectors = 1;
  eie::Parameters machine;
  machine.register_file_entries = 0;
  const LayerFootprint footprint = footprint_of(layer, machine);
  CHECK(footprint.held > 1e18);
  CHECK(footprint.streamed > 1e10);  // two vectors of its length alone
}

TEST_CASE("generated columns are those of the whole trace, in any order and again") {
  GeneratedLayer layer;
  layer.rows = 70;
  layer.inputs = 30;
  layer.weight_density = 0.2;
  layer.has_bias = true;
  const Trace trace = generate_trace(layer);
  const Trace shape = generate_trace_shape(layer);
  CHECK(shape.activations.values == trace.activations.values);
  CHECK(shape.codebook == trace.codebook);
  CHECK(shape.matrix.columns == 31);
  CHECK(shape.matrix.nonzeros() == 0);
  GeneratedColumns columns(layer);
  GeneratedEntries entries(layer);
  MatrixReader whole(trace.matrix);
  for (int pass = 0; pass < 2; ++pass) {
    columns.rewind();
    for (std::uint32_t i = 0; i < 31; ++i) {
      const eie::ColumnRows next = columns.next();
      const CodedColumn expected = whole.read(i);
      CHECK(std::equal(next.rows, next.rows + next.size, expected.rows, expected.rows + expected.size));
      const CodedColumn again = whole.read(30 - i);
      const CodedColumn read = entries.read(30 - i);
      CHECK(std::equal(read.rows, read.rows + read.size, again.rows, again.rows + again.size));
      CHECK(std::equal(read.codes, read.codes + read.size, again.codes, again.codes + again.size));
    }
  }
}
