#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <numeric>
#include <regex>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/data/import/npy_file.h"
#include "tests/file_bytes.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna::test;

namespace {

const std::string source = LACUNA_SOURCE_DIR;
const std::string golden = source + "/tests/golden/small-run";

const std::string small_run =
    "architecture: {kind: eie, pe_count: 4}\n"
    "workload: {layers: [{generate: {rows: 8, columns: 8, weight_density: 0.5, activation_density: 0.5}}]}\n";

/// One line that begins with "error: ", an exit code, and nothing on stdout.
void check_refused(const ProgramEnd& end, int exit_code, const std::string& part) {
  INFO(end.err);
  CHECK(end.exit_code == exit_code);
  CHECK(end.out.empty());
  CHECK(end.err.rfind("error: ", 0) == 0);
  CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
  CHECK(end.err.find(part) != std::string::npos);
}

/// Interrupts a run of many vectors once it shows the sign.
InterruptedEnd interrupted_run(const TemporaryFolder& folder, std::uint64_t vectors, const Sign& sign) {
  const std::string config =
      folder.write("c.yaml",
                   "architecture: {kind: eie}\n"
                   "workload: {layers: [{generate: {rows: 512, columns: 512, weight_density: 0.5, "
                   "activation_density: 0.9, vectors: " +
                       std::to_string(vectors) + "}}]}\n");
  return interrupted_lacuna("run " + shell_word(config) + " --json " + shell_word(folder.file("r.json")) +
                                " --wave " + shell_word(folder.file("w.vcd")),
                            {sign});
}

}  // namespace

TEST_CASE("help and version are no errors") {
  const std::string help = run_lacuna("--help").out;
  for (const std::string command :
       {"run", "energy", "schema", "compare", "regress", "import", "inspect", "validate"}) {
    INFO(command);
    CHECK(help.find(command) != std::string::npos);
    const ProgramEnd end = run_lacuna(command + " --help");
    CHECK(end.exit_code == 0);
    CHECK(end.out.find("lacuna " + command) != std::string::npos);
    CHECK(end.out.find("Example") != std::string::npos);
  }
  CHECK(run_lacuna("--version").out.rfind("lacuna ", 0) == 0);
}

TEST_CASE("a data folder that is named and does not exist is an error, not a check that is skipped") {
  for (const char* name : {"", " eie", " tomato"}) {
    const ProgramEnd end = run_lacuna("validate" + std::string(name) + " --data /no/such/folder");
    CHECK(end.exit_code == 2);
    CHECK(end.err.find("--data: no such folder '/no/such/folder'") != std::string::npos);
  }
}

namespace {

/// Runs with intervals of 64 cycles; returns them, their sums held against the totals, without what an engine
/// tells of each PE or unit.
nlohmann::json checked_intervals(const TemporaryFolder& folder, const std::string& config,
                                 const std::string& engine) {
  const std::string file = folder.file(engine + ".json");
  const ProgramEnd end = run_lacuna("run " + shell_word(config) +
                                    " --quiet --force --set outputs=false --intervals 64 --engine " + engine +
                                    " --json " + shell_word(file));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  nlohmann::json result = nlohmann::json::parse(read_whole(file));
  const nlohmann::json& totals = result.at("totals");
  std::map<std::string, std::uint64_t> sums;
  std::uint64_t cycle = 0;
  for (nlohmann::json& interval : result.at("intervals")) {
    CHECK(interval.contains("busy_of_each") == (engine == "timeline"));
    if (engine == "timeline") {
      const std::vector<std::uint64_t> busy = interval.at("busy_of_each");
      CHECK(std::accumulate(busy.begin(), busy.end(), std::uint64_t{0}) ==
            interval.at("cycle_classes").at("busy"));
      interval.erase("busy_of_each");
    }
    CHECK(interval.at("first_cycle") == cycle);
    cycle += interval.at("cycles").get<std::uint64_t>();
    for (const auto& [name, count] : interval.at("cycle_classes").items()) {
      sums[name] += count.get<std::uint64_t>();
    }
  }
  CHECK(cycle == totals.at("cycles"));
  std::map<std::string, std::uint64_t> whole = totals.at("stall_cycles");
  whole["busy"] = totals.at("busy_cycles");
  CHECK(sums == whole);
  return result.at("intervals");
}

}  // namespace

TEST_CASE("option --intervals gives classes over time that sum to the totals, the same from both engines") {
  const TemporaryFolder folder;
  for (const std::string& config : {golden + ".yaml", source + "/configs/tomato/lenet5.yaml"}) {
    INFO(config);
    const nlohmann::json clocked = checked_intervals(folder, config, "systemc");
    CHECK(clocked.size() > 1);
    CHECK(clocked == checked_intervals(folder, config, "timeline"));
  }
  const std::string json = folder.file("systemc.json");
  CHECK(
      run_lacuna("report " + shell_word(json) + " --output " + shell_word(folder.file("r.html"))).exit_code ==
      0);
  CHECK(read_whole(folder.file("r.html")).find("Classes over time") != std::string::npos);
}

TEST_CASE("option --intervals that cannot be had are refused") {
  const TemporaryFolder folder;
  const std::string json = " --json " + shell_word(folder.file("r.json"));
  const std::string run = "run " + shell_word(golden + ".yaml");
  check_refused(run_lacuna(run + " --intervals 0" + json), 2, "--intervals");
  check_refused(run_lacuna(run + " --intervals 10"), 2, "--intervals requires --json");
  check_refused(run_lacuna(run + " --engine rtl --intervals 10" + json), 2,
                "--intervals: the rtl engine counts none; engine: systemc or timeline");
  check_refused(
      run_lacuna("run " + shell_word(source + "/configs/lenet5-network.yaml") + " --intervals 10" + json), 2,
      "--intervals: a whole network's layers share the machine's runs");
  check_refused(
      run_lacuna("run " + shell_word(source + "/configs/streamed-layer.yaml") + " --intervals 1000" + json),
      2, "a streamed layer has no --intervals");
  const std::string long_run =
      folder.write("long.yaml",
                   "architecture: {kind: eie, pe_count: 1}\nengine: timeline\noutputs: false\nworkload: "
                   "{layers: [{generate: {rows: "
                   "256, columns: 256, weight_density: 0.9, activation_density: 0.9, vectors: 30}}]}\n");
  check_refused(run_lacuna("run " + shell_word(long_run) + " --intervals 1" + json), 2,
                "--intervals: intervals of 1 cycles are more than 1000000 for this run; longer ones");
  CHECK_FALSE(std::filesystem::exists(folder.file("r.json")));
}

TEST_CASE("usage errors have exit code 2") {
  check_refused(run_lacuna(""), 2, "A subcommand is required");
  check_refused(run_lacuna("fly"), 2, "'fly' is not a subcommand; allowed: ");
  check_refused(run_lacuna("runn c.yaml"), 2, "did you mean 'run'?");
  check_refused(run_lacuna("run"), 2, "CONFIG");
  check_refused(run_lacuna("run a.yaml --bogus"), 2, "--bogus");
  check_refused(run_lacuna("run a.yaml --json"), 2, "--json");
}

TEST_CASE("configuration errors have exit code 2, input data errors 3, and nothing is written") {
  const TemporaryFolder folder;
  const std::string json = " --json " + shell_word(folder.file("out.json"));
  const std::string wrong = shell_word(folder.write("wrong.yaml", small_run + "enrgy: x\n"));
  check_refused(run_lacuna("run " + wrong + json), 2,
                "wrong.yaml:3: enrgy: unknown key; did you mean 'energy'?");
  const std::string damaged = "architecture: {kind: eie}\nworkload: {layers: [{trace: bad.h5}]}\n";
  folder.write("bad.h5", "this is no HDF5 file");
  check_refused(run_lacuna("run " + shell_word(folder.write("damaged.yaml", damaged)) + json), 3, "bad.h5");
  const std::string large = "architecture: {base: " + source +
                            "/configs/architectures/eie-64pe-45nm.yaml}\n"
                            "workload: {layers: [{benchmark: VGG-6}]}\n";
  check_refused(run_lacuna("run " + shell_word(folder.write("large.yaml", large)) + json), 2,
                "large.yaml:2: workload.layers.0: layer VGG-6: pointer: needs 17 bits");
  const std::string good = shell_word(folder.write("good.yaml", small_run));
  check_refused(run_lacuna("run " + good + " --wave w.vcd --engine timeline"), 2, "writes no waves");
  check_refused(run_lacuna("run " + good + " --set architecture.pe_count=0"), 2, "out of range");
  check_refused(run_lacuna("run " + shell_word(folder.file("none.yaml"))), 2, "no such file");
  CHECK(folder.file_count() == 5);
}

TEST_CASE("a full standard output is an error") {
  const TemporaryFolder folder;
  const ProgramEnd end =
      run_command("sh -c " + shell_word(shell_word(LACUNA_PROGRAM) + " schema >/dev/full"));
  check_refused(end, 3, "standard output cannot be written");
}

TEST_CASE("outputs are written once, and replaced only by --force") {
  const TemporaryFolder folder;
  const std::string command = "run " + shell_word(folder.write("c.yaml", small_run)) + " --quiet --json " +
                              shell_word(folder.file("r.json")) + " --csv " +
                              shell_word(folder.file("r.csv"));
  const ProgramEnd first = run_lacuna(command);
  CHECK(first.exit_code == 0);
  CHECK(first.out.empty());
  CHECK(first.err.empty());
  const std::string json = read_whole(folder.file("r.json"));
  const std::string csv = read_whole(folder.file("r.csv"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 2);
  check_refused(run_lacuna(command + " --seed 9"), 2, "exists already");
  CHECK(read_whole(folder.file("r.json")) == json);
  CHECK(run_lacuna(command + " --force").exit_code == 0);
  CHECK(read_whole(folder.file("r.json")) == json);
  CHECK(read_whole(folder.file("r.csv")) == csv);
  CHECK(run_lacuna(command + " --force --seed 9").exit_code == 0);
  CHECK(read_whole(folder.file("r.json")) != json);
  CHECK(folder.file_count() == 3);
}

TEST_CASE("waves appear complete") {
  const TemporaryFolder folder;
  const std::string wave = folder.file("w.vcd");
  const ProgramEnd end = run_lacuna("run " + shell_word(folder.write("c.yaml", small_run)) +
                                    " --quiet --wave " + shell_word(wave));
  CHECK(end.exit_code == 0);
  CHECK(read_whole(wave).find("$enddefinitions") != std::string::npos);
  CHECK(folder.file_count() == 3);  // the configuration, the wave, its view
}

TEST_CASE("an interrupted run ends with 130 and leaves nothing") {
  const auto check = [](std::uint64_t vectors, const std::function<Sign(const TemporaryFolder&)>& sign) {
    const TemporaryFolder folder;
    const InterruptedEnd end = interrupted_run(folder, vectors, sign(folder));
    INFO(vectors << " vectors");
    REQUIRE(end.in_time);
    CHECK(end.exit_code == 130);
    CHECK(end.err == "error: interrupted\n");
    CHECK(folder.file_count() == 1);
  };
  // Among the vectors of a run, and in long work before the first.
  check(3000, [](const TemporaryFolder& folder) { return signs::has_begun_file(folder.file("w.vcd.part")); });
  check(60000, [](const TemporaryFolder&) { return signs::holds_mebibytes(150); });
}

TEST_CASE("an interrupted run of the streaming machine ends with 130 and leaves nothing") {
  const TemporaryFolder folder;
  const InterruptedEnd end = interrupted_lacuna(
      "run " + shell_word(source + "/configs/tomato/mobilenet.yaml") +
          " --engine systemc --set workload.frames=1000 --json " + shell_word(folder.file("r.json")) +
          " --wave " + shell_word(folder.file("w.vcd")),
      {signs::has_begun_file(folder.file("w.vcd"))});
  REQUIRE(end.in_time);
  CHECK(end.exit_code == 130);
  CHECK(end.err == "error: interrupted\n");
  CHECK(folder.file_count() == 0);
}

TEST_CASE("a streaming run has as many threads as it was given jobs") {
  const auto run = [](const std::string& jobs, const std::string& frames) {
    return interrupted_lacuna("run " + shell_word(source + "/configs/tomato/lenet5.yaml") + " -j " + jobs +
                                  " --set workload.frames=" + frames,
                              {signs::has_threads});  // the search for leaks at the end is a process
  };
  const InterruptedEnd two = run("2", "200000");
  CHECK(two.in_time);
  CHECK(two.exit_code == 130);
  const InterruptedEnd one = run("1", "500");
  CHECK_FALSE(one.in_time);
  CHECK(one.exit_code == 0);
}

TEST_CASE("a small run gives the golden result, byte for byte but for the commit") {
  const TemporaryFolder folder;
  const std::string json = folder.file("r.json");
  REQUIRE(
      run_lacuna("run " + shell_word(golden + ".yaml") + " --quiet --json " + shell_word(json)).exit_code ==
      0);
  const std::regex commit("  \"commit\": \"[^\"]+\",\n");
  CHECK(std::regex_replace(read_whole(json), commit, "") == read_whole(golden + ".json"));
}

TEST_CASE("the report fits 120 columns") {
  const ProgramEnd end = run_lacuna("run " + shell_word(golden + ".yaml"));
  REQUIRE(end.exit_code == 0);
  std::size_t begin = 0;
  for (std::size_t stop = end.out.find('\n'); stop != std::string::npos; stop = end.out.find('\n', begin)) {
    CHECK(stop - begin <= 120);
    begin = stop + 1;
  }
  for (const std::string part :
       {"balance %", "queue_full", "energy nJ", "classification, lenet5/logits: 16 of 16"}) {
    INFO(part);
    CHECK(end.out.find(part) != std::string::npos);
  }
}

TEST_CASE("results hold no path and no time") {
  const std::string text = read_whole(golden + ".json");
  CHECK(text.find('/' + std::string("tmp")) == std::string::npos);
  CHECK(text.find(source) == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  for (const auto& input : json.at("inputs")) {
    CHECK(input.at("file").get<std::string>().find('/') == std::string::npos);
  }
}

TEST_CASE("compare ends with 1 when results differ") {
  const TemporaryFolder folder;
  auto changed = nlohmann::ordered_json::parse(read_whole(golden + ".json"));
  changed["totals"]["cycles"] = changed["totals"]["cycles"].get<int>() + 1;
  const std::string files =
      shell_word(golden + ".json") + " " + shell_word(folder.write("changed.json", changed.dump()));
  const ProgramEnd differ = run_lacuna("compare " + files);
  CHECK(differ.exit_code == 1);
  CHECK(differ.err.empty());
  CHECK(differ.out.find("totals.cycles") != std::string::npos);
  CHECK(differ.out.find(" 1 differ beyond tolerance") != std::string::npos);
  const std::string json = folder.file("moved.json");
  CHECK(run_lacuna("compare " + files + " --json " + shell_word(json) + " --junit " +
                   shell_word(folder.file("moved.xml")))
            .exit_code == 1);
  CHECK(nlohmann::json::parse(read_whole(json)).at("runs").at(0).at("moved").size() == 1);
  CHECK(read_whole(folder.file("moved.xml")).find("failures=\"1\"") != std::string::npos);
  check_refused(run_lacuna("compare " + files + " --json " + shell_word(json)), 2, "exists already");
  CHECK(run_lacuna("compare " + files + " --tolerance cycles=1%").exit_code == 0);
  CHECK(
      run_lacuna("compare " + shell_word(golden + ".json") + " " + shell_word(golden + ".json")).exit_code ==
      0);
  check_refused(run_lacuna("compare " + files + " --tolerance cicles=1%"), 2, "did you mean 'cycles'?");
  check_refused(run_lacuna("compare " + files + " --tolerance cycles"), 2, "not a tolerance");
  check_refused(run_lacuna("compare none.json " + shell_word(golden + ".json")), 3, "no such file");
}

TEST_CASE("schema prints the published schema") {
  const ProgramEnd end = run_lacuna("schema");
  CHECK(end.exit_code == 0);
  CHECK(end.out == read_whole(source + "/configs/schema.json"));
}

TEST_CASE("the published energy table follows from its sources") {
  const TemporaryFolder folder;
  const std::string rates = folder.file("rates.json");
  REQUIRE(run_lacuna("run " + shell_word(source + "/configs/energy-rates.yaml") + " --quiet --json " +
                     shell_word(rates))
              .exit_code == 0);
  const ProgramEnd table =
      run_command("python3 " + shell_word(source + "/scripts/derive-energy-table") + " " + shell_word(rates) +
                  " " + shell_word(source + "/configs/reference/eie_pe_breakdown.csv"));
  INFO(table.err);
  REQUIRE(table.exit_code == 0);
  CHECK(table.out == read_whole(source + "/configs/energy/eie-published-45nm.yaml"));
}

TEST_CASE("energy tables are named, shown and imported") {
  const TemporaryFolder folder;
  const ProgramEnd shown =
      run_lacuna("energy show bottom-up-45nm --set architecture.spmat_width_bits=128 --json " +
                 shell_word(folder.file("c.json")));
  REQUIRE(shown.exit_code == 0);
  CHECK(shown.out.find("spmat                     1  131072   128  ") != std::string::npos);
  CHECK(
      nlohmann::json::parse(read_whole(folder.file("c.json"))).at("memories").at("spmat").at("width_bits") ==
      128);
  check_refused(run_lacuna("energy show bottom-up-45nm --set sram.0.cell_type=x"), 2, "allowed: itrs-hp");
  check_refused(run_lacuna("energy show none-such"), 2, "none-such.yaml: no such file");
  check_refused(run_lacuna("energy show bottom-up-45nm --set architecture.spmat_capacity_bytes=8388608"), 2,
                "memories.0.name: a memory of 8388608 bytes by 64 bits lies outside the characterisation");
  const std::string example = source + "/configs/energy/accelergy/";
  const std::string import = "energy import-ert " + shell_word(example + "ERT.yaml") + " --map " +
                             shell_word(example + "map.yaml") + " -o " + shell_word(folder.file("t.yaml"));
  CHECK(run_lacuna(import).exit_code == 0);
  check_refused(run_lacuna(import), 2, "exists already");
  const std::string config = shell_word(folder.write("c.yaml", small_run));
  const ProgramEnd run = run_lacuna("run " + config + " --energy " + shell_word(folder.file("t.yaml")));
  CHECK(run.out.find("energy table accelergy-example; area not known") != std::string::npos);
  const ProgramEnd bottom_up = run_lacuna("run " + config + " --energy bottom-up-28nm");
  CHECK(bottom_up.out.find("energy table bottom-up-28nm; area ") != std::string::npos);
}

TEST_CASE("a report is made of a result and of a sweep, once") {
  const TemporaryFolder folder;
  const std::string page = folder.file("p.html");
  const std::string of_run = "report " + shell_word(golden + ".json") + " -o " + shell_word(page);
  REQUIRE(run_lacuna(of_run).exit_code == 0);
  CHECK(read_whole(page).rfind("<!DOCTYPE html>", 0) == 0);
  check_refused(run_lacuna(of_run), 2, "exists");
  CHECK(run_lacuna(of_run + " --force").exit_code == 0);

  const std::string sweep =
      folder.write("s.yaml", "base: " + folder.write("c.yaml", small_run) +
                                 "\naxes: [{key: architecture.pe_count, values: [2, 4]}]\n"
                                 "objectives: [{metric: time_us}, {metric: macs}]\n");
  const std::string out = shell_word(folder.file("out"));
  REQUIRE(run_lacuna("sweep " + shell_word(sweep) + " --out " + out + " --quiet").exit_code == 0);
  REQUIRE(run_lacuna("report " + out + " -o " + shell_word(folder.file("s.html"))).exit_code == 0);
  CHECK(read_whole(folder.file("s.html")).find("Pareto front") != std::string::npos);
  check_refused(run_lacuna("report " + shell_word(sweep) + " -o " + shell_word(folder.file("t.html"))), 3,
                "s.yaml");
  CHECK(!std::filesystem::exists(folder.file("t.html")));
}

TEST_CASE("outputs are real numbers, the same bytes from every engine") {
  // Alternating activations 3, -3: the authors' simulator sends the positive ones alone, 12 * 3 and the bias.
  const TemporaryFolder folder;
  std::vector<float> activations;
  std::vector<std::int32_t> starts = {0};
  std::vector<std::int32_t> rows;
  std::vector<std::uint8_t> codes;
  for (int column = 0; column < 25; ++column) {
    activations.push_back(column % 2 == 0 ? 3.0F : -3.0F);
    rows.insert(rows.end(), {0, 1});
    codes.insert(codes.end(), {1, static_cast<std::uint8_t>(column == 24 ? 2 : 1)});
    starts.push_back(2 * column + 2);
  }
  activations.pop_back();
  write_npy(folder.file("activations.npy"), "<f4", "(24,)", activations);
  write_npy<float>(folder.file("codebook.npy"), "<f4", "(3,)", {0.0F, 1.0F, 2.0F});
  write_npy(folder.file("codes.npy"), "|u1", "(50,)", codes);
  write_npy(folder.file("indices.npy"), "<i4", "(50,)", rows);
  write_npy(folder.file("indptr.npy"), "<i4", "(26,)", starts);
  REQUIRE(run_lacuna("import csc-npy " + shell_word(folder.path()) + " --rows 2 --no-relu -o " +
                     shell_word(folder.file("t.h5")))
              .exit_code == 0);
  const std::string config = folder.write("c.yaml", "architecture: {base: " + source +
                                                        "/configs/architectures/eie-authors-simulator.yaml}\n"
                                                        "workload: {layers: [{trace: t.h5}]}\n");
  std::string bytes;
  for (const char* engine : {"timeline", "systemc"}) {
    const std::string run = "run " + shell_word(config) + " --force --engine " + engine + " --outputs ";
    REQUIRE(run_lacuna(run + shell_word(folder.file("o.npy"))).exit_code == 0);
    CHECK(lacuna::read_npy(folder.file("o.npy")).shape == std::vector<std::uint64_t>{1, 2});
    CHECK(lacuna::read_npy(folder.file("o.npy")).reals == std::vector<double>{37.0, 38.0});
    const ProgramEnd end = run_lacuna(run + shell_word(folder.file("o.npz")) + " --reference");
    REQUIRE(end.exit_code == 0);
    CHECK(end.out.find("SQNR dB") != std::string::npos);  // the network itself gives 1 and 2
    const std::string written = read_whole(folder.file("o.npz"));
    CHECK((bytes.empty() || bytes == written));
    bytes = written;
  }
  check_refused(run_lacuna("run " + shell_word(config) + " --outputs " + shell_word(folder.file("o.txt"))), 2,
                "--outputs: says no format");
  check_refused(run_lacuna("run " + shell_word(config) + " --outputs " + shell_word(folder.file("o.npz"))), 2,
                "exists already");
}

TEST_CASE("a model of two outputs becomes the network of one, and the folder says so") {
  const TemporaryFolder folder;
  const std::string model = LACUNA_SOURCE_DIR "/tests/sim/network/onnx/exports/two_outputs.onnx";
  const std::string import = "import onnx " + shell_word(model) + " -o " + shell_word(folder.file("net"));
  check_refused(run_lacuna(import), 3, "2 outputs: y, hidden");
  check_refused(run_lacuna(import + " --output hidden"), 3, "dimension 1 of the input x is open");
  const ProgramEnd end = run_lacuna(import + " --output hidden --input-shape 1x4");
  CHECK(end.exit_code == 0);
  CHECK_THAT(end.out, Catch::Contains("output hidden: images x channels"));
  const Bytes bytes = read_all(folder.file("net/network.yaml"));
  const std::string text(bytes.begin(), bytes.end());
  for (const char* part :
       {"model: \"two_outputs.onnx\"", "input_shape: \"1x4\"", "output: \"hidden\"", "sha256: "}) {
    CHECK_THAT(text, Catch::Contains(part));
  }
  CHECK_THAT(run_lacuna("import --operators").out, Catch::StartsWith("| operator | becomes |"));
}
