#include <thread>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/report/eie_result.h"
#include "sim/eie/run/run_workload.h"
#include "sim/families.h"
#include "sim/report/result_json.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep_folder.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/sim/sweep/small_sweep.h"
#include "tests/sim/sweep/sweep_results.h"

using namespace lacuna;
using test::check_same_files;
using test::check_totals;
using test::read_whole;
using test::results;
using test::small_sweep;
using test::TemporaryFolder;
using test::with_jobs;

namespace {

const std::string objectives = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";

}  // namespace

TEST_CASE("each point is what a run of its own gives") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  run_sweep(sweep, folder.file("out"), with_jobs(2));
  const auto points = results(folder.file("out")).at("points");
  REQUIRE(points.size() == 48);
  for (const std::size_t number : {0, 13, 22, 31, 47}) {
    const auto& axes = points[number].at("axes");
    const std::string config = folder.write(
        "run.yaml", "architecture: {kind: eie, register_file_entries: 8, pe_count: " +
                        axes.at("architecture.pe_count").dump() +
                        ", queue_depth_entries: " + axes.at("architecture.queue_depth_entries").dump() +
                        ", arithmetic_bypass: " + axes.at("architecture.arithmetic_bypass").dump() +
                        "}\nworkload: {layers: [{workload: " + axes.at("workload").get<std::string>() +
                        "}]}\nengine: timeline\n");
    const RunConfig run = load_run_config(config);
    const auto totals =
        nlohmann::json::parse(result_json(eie_result(run, run_workload(run))).dump()).at("totals");
    INFO(number);
    check_totals(points[number].at("totals"), totals);
  }
}

TEST_CASE("axis values keep their type in JSON, and are text in CSV") {
  const TemporaryFolder folder;
  const std::string config = folder.write(
      "sweep.yaml",
      "architecture: {kind: eie}\nworkload: {layers: [{generate: {rows: 9, columns: 6, weight_density: 0.5, "
      "activation_density: 0.5}}]}\naxes:\n"
      "  - {key: architecture.pe_count, values: [2, +4]}\n"
      "  - {key: architecture.clock_mhz, values: [800.5]}\n"
      "  - {key: architecture.arithmetic_bypass, values: [true]}\n"
      "  - {key: architecture.nonzero_detection, values: [positive]}\n");
  run_sweep(load_sweep(config, families()), folder.file("out"), with_jobs(1));
  const auto json = results(folder.file("out"));
  CHECK(json.at("axes")[0].at("values").dump() == "[2,4]");
  CHECK(json.at("points")[1].at("axes").dump() ==
        R"({"architecture.arithmetic_bypass":true,"architecture.clock_mhz":800.5,)"
        R"("architecture.nonzero_detection":"positive","architecture.pe_count":4})");
  CHECK(read_whole(folder.file("out/results.csv")).find("\n1,4,800.5,true,positive,ok,") !=
        std::string::npos);
}

TEST_CASE("with outputs a sweep counts the saturations of runs and without it does not know them") {
  const TemporaryFolder folder;
  const std::string workload =
      "workload: {layers: [{generate: {rows: 90, columns: 60, weight_density: 0.4, activation_density: 0.6, "
      "vectors: 3}, formats: {accumulator_integer_bits: 2, output_integer_bits: 2}}]}\n";
  const std::string axes = "axes: [{key: architecture.pe_count, values: [3, 16]}]\n";
  const std::string machine = "architecture: {kind: eie}\n";
  run_sweep(load_sweep(folder.write("s.yaml", machine + workload + axes + "outputs: true\n"), families()),
            folder.file("with"), with_jobs(2));
  run_sweep(load_sweep(folder.write("n.yaml", machine + workload + axes), families()), folder.file("without"),
            with_jobs(2));
  const std::string counter = "counters.accumulator_saturations";
  const auto with = results(folder.file("with")).at("points");
  const auto without = results(folder.file("without")).at("points");
  for (const std::size_t point : {0, 1}) {
    const RunConfig run =
        load_run_config(folder.write("r.yaml", machine + workload + "engine: timeline\n"),
                        {{point == 0 ? "architecture.pe_count=3" : "architecture.pe_count=16"}, {}, {}});
    const auto totals =
        nlohmann::json::parse(result_json(eie_result(run, run_workload(run))).dump()).at("totals");
    CHECK(totals.at("counters").at("accumulator_saturations").get<std::uint64_t>() > 0);
    CHECK(with[point].at("totals").at(counter).dump() ==
          totals.at("counters").at("accumulator_saturations").dump());
    CHECK(without[point].at("totals").at(counter).is_null());
  }
  CHECK_THROWS_WITH(load_sweep(folder.write("o.yaml", machine + workload + axes +
                                                          "objectives: [{metric: " + counter + "}]\n"),
                               families()),
                    Catch::Contains("outputs: true"));
}

TEST_CASE("points whose outputs are exact have an error of minus infinity and stand on the front") {
  const TemporaryFolder folder;
  test::write_npy<float>(folder.file("w.npy"), "<f4", "(2, 2)", {0.5F, -0.75F, 0.25F, 0.5F});
  test::write_npy<float>(folder.file("x.npy"), "<f4", "(2, 1, 1, 2)", {0.5F, 0.25F, -0.5F, 0.75F});
  folder.write(
      "n.yaml",
      "network:\n  layers:\n    - {name: in, kind: input, channels: 2}\n"
      "    - {name: f, kind: fully_connected, outputs: 2, weights: {npy: w.npy}}\ndata: {npy: x.npy}\n");
  for (const std::string kind : {"eie", "tomato"}) {
    INFO(kind);
    const std::string path =
        folder.write(kind + ".yaml", "architecture: {kind: " + kind +
                                         "}\nworkload: {network: n.yaml}\noutputs: true\n"
                                         "axes: [{key: architecture.clock_mhz, values: [100, 200]}]\n"
                                         "objectives: [{metric: time_us}, {metric: output_error_db}]\n");
    const SweepSummary summary =
        run_sweep(load_sweep(path, families()), folder.file("out-" + kind), with_jobs(1));
    REQUIRE(summary.front_rows.size() == 1);
    CHECK(summary.front_rows[0].back() == "-inf");
    const auto points = results(folder.file("out-" + kind)).at("points");
    CHECK(points[0].at("totals").at("output_error_db").is_null());
    CHECK(read_whole(folder.file("out-" + kind) + "/results.csv").find(",-inf,") != std::string::npos);
  }
}

TEST_CASE("with outputs a sweep classifies labelled vectors where a chain of layers ends") {
  const TemporaryFolder folder;
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";
  const Sweep sweep = load_sweep(
      folder.write("s.yaml", "architecture: {base: " + configs +
                                 "architectures/eie-64pe-45nm.yaml}\n"
                                 "workload: {layers: [{workload: " +
                                 configs +
                                 "workloads/lenet5.yaml}]}\noutputs: true\n"
                                 "axes:\n"
                                 "  - {key: architecture.weight_value_width_bits, values: [4, 16]}\n"
                                 "  - {key: architecture.activation_width_bits, values: [4, 16]}\n"
                                 "  - {key: architecture.accumulator_width_bits, values: [8, 16]}\n"),
      families());
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  const auto points = results(folder.file("out")).at("points");
  CHECK(points[0].at("totals").at("classification.correct") == 16);  // as a run and a NumPy model find
  CHECK(points[0].at("totals").at("output_error_db") > -25.0);
  CHECK(points[7].at("totals").at("output_error_db") < -60.0);
  const auto& published = points[7];
  CHECK(published.at("totals").at("accuracy") == 1.0);
  CHECK(published.at("totals").at("classification.labelled") == 16);
  CHECK(published.at("layers")[0].at("accuracy").is_null());
  CHECK(published.at("layers")[1].at("classification.correct") == 16);
}

TEST_CASE("the order of rows is that of a run, on the timeline and in worker processes") {
  const TemporaryFolder folder;
  const std::string rest =
      "workload: {layers: [{generate: {rows: 90, columns: 60, weight_density: 0.2, activation_density: 0.6, "
      "vectors: 2}, row_order: balanced_active}]}\n";
  const std::string machine = "architecture: {kind: eie, register_file_entries: 4}\n";
  const std::string sweep =
      folder.write("s.yaml", machine + rest + "axes: [{key: architecture.pe_count, values: [3, 16]}]\n");
  run_sweep(load_sweep(sweep, families()), folder.file("timeline"), with_jobs(1));
  run_sweep(load_sweep(sweep, families(), {{}, "systemc"}), folder.file("systemc"), with_jobs(1));
  const auto timeline = results(folder.file("timeline")).at("points");
  const auto systemc = results(folder.file("systemc")).at("points");
  for (const std::size_t point : {0, 1}) {
    const RunConfig run =
        load_run_config(folder.write("r.yaml", machine + rest + "engine: timeline\n"),
                        {{point == 0 ? "architecture.pe_count=3" : "architecture.pe_count=16"}, {}, {}});
    const auto totals =
        nlohmann::json::parse(result_json(eie_result(run, run_workload(run))).dump()).at("totals");
    CHECK(timeline[point].at("totals").at("cycles").dump() == totals.at("cycles").dump());
    CHECK(timeline[point].at("totals").dump() == systemc[point].at("totals").dump());
  }
}

TEST_CASE("energy and area are those of a run") {
  const TemporaryFolder folder;
  const std::string machine = "architecture: {base: " + std::string(LACUNA_SOURCE_DIR) +
                              "/configs/architectures/eie-64pe-45nm.yaml}\n";
  const std::string rest = "energy: " + std::string(LACUNA_SOURCE_DIR) +
                           "/configs/energy/eie-published-45nm.yaml\n"
                           "workload: {layers: [{generate: {rows: 90, columns: 40, weight_density: 0.3, "
                           "activation_density: 0.6}}]}\n";
  const Sweep sweep = load_sweep(
      folder.write("s.yaml", machine + rest + "axes: [{key: architecture.pe_count, values: [16, 64]}]\n"),
      families());
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  const auto points = results(folder.file("out")).at("points");
  for (const std::size_t point : {0, 1}) {
    ConfigOverrides overrides;
    overrides.assignments = {point == 0 ? "architecture.pe_count=16" : "architecture.pe_count=64"};
    overrides.engine = "timeline";
    const RunConfig run = load_run_config(folder.write("r.yaml", machine + rest), overrides);
    const auto totals =
        nlohmann::json::parse(result_json(eie_result(run, run_workload(run))).dump()).at("totals");
    const auto& swept = points[point].at("totals");
    CHECK(swept.at("area_mm2").dump() == totals.at("area_mm2").dump());
    const double picojoules = totals.at("energy_pj").at("total").get<double>();
    CHECK(swept.at("energy_nj").get<double>() == Approx(picojoules / 1e3).epsilon(1e-12));
    CHECK(swept.at("energy_nj.SpmatRead").get<double>() ==
          Approx(totals.at("energy_pj").at("SpmatRead").get<double>() / 1e3).epsilon(1e-12));
  }
}

TEST_CASE("results are the same bytes for any number of threads") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder, objectives), families());
  for (const unsigned jobs : {1U, 2U, 3U}) {
    SweepOptions options = with_jobs(jobs);
    options.results = all_result_formats();
    run_sweep(sweep, folder.file(std::to_string(jobs)), options);
    check_same_files(folder.file("1"), folder.file(std::to_string(jobs)));
    for (const std::string file : {sweep_json_lines_file, sweep_table_file}) {
      CHECK(read_whole(folder.file("1/" + file)) ==
            read_whole(folder.file(std::to_string(jobs) + "/" + file)));
    }
  }
  CHECK(read_whole(folder.file("1") + "/" + sweep_front_file).size() > 100);
}

TEST_CASE("clocked engines run points in processes and agree") {
  const TemporaryFolder folder;
  const std::string path = small_sweep(folder, "sampling: {method: random, points: 9}\n");
  run_sweep(load_sweep(path, families()), folder.file("timeline"), with_jobs(2));
  SweepOverrides overrides;
  overrides.engine = "systemc";
  const SweepSummary summary =
      run_sweep(load_sweep(path, families(), overrides), folder.file("systemc"), with_jobs(3));
  CHECK(summary.failed == 0);
  CHECK(results(folder.file("timeline")).at("points") == results(folder.file("systemc")).at("points"));
}

TEST_CASE("points that do not fit are recorded and do not stop the rest") {
  const TemporaryFolder folder;
  const std::string path = small_sweep(folder, "", "s.yaml");
  SweepOverrides overrides;
  overrides.assignments = {"architecture.pointer_width_bits=9", "architecture.pointer_capacity_bytes=1024"};
  for (const std::string engine : {"timeline", "systemc"}) {
    overrides.engine = engine;
    const SweepSummary summary =
        run_sweep(load_sweep(path, families(), overrides), folder.file(engine), with_jobs(2));
    CHECK(summary.failed > 0);
    CHECK(summary.failed < 48);
    CHECK_FALSE(summary.passed());
    std::size_t failed = 0;
    const auto points = results(folder.file(engine)).at("points");
    for (const auto& point : points) {
      if (point.at("status") == "failed") {
        ++failed;
        CHECK(point.at("reason").get<std::string>().find("pointer: needs") != std::string::npos);
        CHECK(point.at("reason").get<std::string>().find(".yaml") == std::string::npos);
      }
    }
    CHECK(failed == summary.failed);
  }
  CHECK(results(folder.file("timeline")).at("points") == results(folder.file("systemc")).at("points"));
}

TEST_CASE("a machine that contradicts itself is a failed point") {
  const TemporaryFolder folder;
  const Sweep sweep =
      load_sweep(folder.write("s.yaml",
                              "architecture: {kind: eie}\n"
                              "workload: {layers: [{generate: {rows: 9, columns: 9, weight_density: 1, "
                              "activation_density: 1}}]}\n"
                              "axes: [{key: architecture.activation_sram_width_bits, values: [8, 16]}]\n"),
                 families());
  CHECK(run_sweep(sweep, folder.file("out"), with_jobs(1)).failed == 1);
  CHECK(results(folder.file("out")).at("points")[0].at("reason").get<std::string>().find("narrower") !=
        std::string::npos);
}

TEST_CASE("constraints on metrics mark points, which leave the Pareto front") {
  const TemporaryFolder folder;
  const SweepSummary all =
      run_sweep(load_sweep(small_sweep(folder, objectives), families()), folder.file("all"), with_jobs(1));
  const auto points = results(folder.file("all")).at("points");
  const double bound = points[all.front.front()].at("totals").at("time_us").get<double>();
  const std::string constraint = "constraints: ['time_us > " + std::to_string(bound) + "']\n";
  const SweepSummary some = run_sweep(load_sweep(small_sweep(folder, objectives + constraint), families()),
                                      folder.file("some"), with_jobs(1));
  std::uint64_t expected = 0;
  const auto some_points = results(folder.file("some")).at("points");
  for (const auto& point : some_points) {
    const bool outside = !(point.at("totals").at("time_us").get<double>() > std::stod(std::to_string(bound)));
    CHECK((point.at("status") == "infeasible") == outside);
    expected += outside ? 1 : 0;
  }
  CHECK(some.infeasible == expected);
  CHECK(expected > 0);
  for (const std::uint64_t number : some.front) {
    CHECK(some_points[number].at("status") == "ok");
  }
}

TEST_CASE("a rerun does only what is missing, also when it was stopped") {
  struct Stop {};
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder, objectives), families());
  const SweepSummary whole = run_sweep(sweep, folder.file("whole"), with_jobs(1));
  CHECK(whole.kept == 0);
  CHECK(run_sweep(sweep, folder.file("whole"), with_jobs(1)).kept == 48);
  // On a clocked engine, so that the first points are done before the last ones are begun.
  SweepOverrides overrides;
  overrides.engine = "systemc";
  const Sweep clocked = load_sweep(small_sweep(folder, objectives), families(), overrides);
  SweepOptions options = with_jobs(1);
  options.progress = [](const SweepProgress& progress) {
    if (progress.done >= 10) {
      throw Stop();
    }
  };
  CHECK_THROWS_AS(run_sweep(clocked, folder.file("part"), options), Stop);
  CHECK_THROWS_AS(run_sweep(clocked, folder.file("part"), options), Stop);
  const SweepSummary rest = run_sweep(clocked, folder.file("part"), with_jobs(2));
  CHECK(rest.kept >= 10);
  CHECK(rest.kept < 48);
  run_sweep(clocked, folder.file("unstopped"), with_jobs(1));
  check_same_files(folder.file("part"), folder.file("unstopped"));
}

TEST_CASE("times and row reads that points share are those of SystemC") {
  // Layers with few vectors, whose schedules are kept, with many, and with batches; all that times or row
  // reads depend on varies.
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "sweep.yaml",
      "architecture: {kind: eie, register_file_entries: 4, activation_sram_bytes: 4096}\n"
      "workload:\n  layers:\n"
      "    - generate: {rows: 40, columns: 30, weight_density: 0.3, activation_density: 0.5, vectors: 3}\n"
      "    - generate: {rows: 9, columns: 7, weight_density: 0.5, activation_density: 0.6, vectors: 70}\n"
      "axes:\n"
      "  - {key: architecture.pe_count, values: [2, 16]}\n"
      "  - {key: architecture.spmat_width_bits, values: [8, 64, 256]}\n"
      "  - {key: architecture.queue_depth_entries, values: [1, 5]}\n"
      "  - {key: architecture.pointer_prefetch, values: [true, false]}\n"
      "  - {key: architecture.arithmetic_bypass, values: [true, false]}\n"
      "  - {key: architecture.lnzd_latency_cycles, values: [0, 2]}\n"
      "  - {key: architecture.activation_sram_width_bits, values: [16, 64]}\n"
      "sampling: {method: random, points: 96, seed: 1}\n");
  SweepOptions options = with_jobs(2);
  options.checks = 96;
  const SweepSummary summary = run_sweep(load_sweep(path, families()), folder.file("out"), options);
  CHECK(summary.failed == 0);
  CHECK(summary.checked == 96);
  CHECK(summary.check_failures.empty());
}

TEST_CASE("a check finds equal points equal and a changed count wrong") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  SweepOptions options = with_jobs(2);
  options.checks = 6;
  const SweepSummary good = run_sweep(sweep, folder.file("out"), options);
  CHECK(good.checked == 6);
  CHECK(good.passed());
  // A count beyond the name and the first words: bytes of the middle of a layer's counts.
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.file("out") + "/sweep.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(
      sqlite3_exec(database,
                   "UPDATE points SET counts = substr(counts, 1, length(counts) - 8) || x'0102030405060708'",
                   nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const SweepSummary bad = run_sweep(sweep, folder.file("out"), options);
  CHECK(bad.check_failures.size() == 6);
  CHECK_FALSE(bad.passed());
  CHECK(bad.check_failures.front().second.find("row reads of single PEs") != std::string::npos);
}

TEST_CASE("damaged counts are an input data error") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.file("out") + "/sweep.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "UPDATE points SET counts = x'ffffffffffffffffff'", nullptr, nullptr,
                       nullptr) == SQLITE_OK);
  sqlite3_close(database);
  CHECK_THROWS_AS(run_sweep(sweep, folder.file("out"), with_jobs(1)), InputDataError);
}

TEST_CASE("folders of something else are refused and left alone") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  CHECK_THROWS_WITH(run_sweep(sweep, folder.file(""), with_jobs(1)),
                    Catch::Contains("no results of a sweep"));
  CHECK_THROWS_AS(run_sweep(sweep, folder.file("a.yaml"), with_jobs(1)), ConfigurationError);
  CHECK_THROWS_AS(run_sweep(sweep, folder.file("no/where"), with_jobs(1)), InputDataError);
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  const std::string before = read_whole(folder.file("out/results.csv"));
  SweepOverrides overrides;
  overrides.assignments = {"architecture.spmat_width_bits=128"};
  CHECK_THROWS_WITH(
      run_sweep(load_sweep(small_sweep(folder), families(), overrides), folder.file("out"), with_jobs(1)),
      Catch::Contains("another sweep"));
  CHECK(read_whole(folder.file("out/results.csv")) == before);
  folder.write("out/sweep.sqlite",
               "this is no database, but long enough to have the head of one.............."
               "...........................................................");
  CHECK_THROWS_WITH(run_sweep(sweep, folder.file("out"), with_jobs(1)),
                    Catch::Contains("not the store of a sweep"));
}

TEST_CASE("a changed input file makes it another sweep") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  folder.write("a.yaml",
               "workload: {layers: [{generate: {rows: 61, columns: 50, weight_density: 0.3, "
               "activation_density: 0.5}}]}\n");
  CHECK_THROWS_WITH(
      run_sweep(load_sweep(folder.file("sweep.yaml"), families()), folder.file("out"), with_jobs(1)),
      Catch::Contains("another sweep"));
}

TEST_CASE("two sweeps in one folder are refused") {
  const TemporaryFolder folder;
  const SweepFolder held(folder.file("out"));
  const pid_t child = fork();
  if (child == 0) {
    try {
      const SweepFolder second(folder.file("out"));
      exit_child(1);
    } catch (const ConfigurationError& error) {
      const bool named = std::string(error.what()).find("another process is running") != std::string::npos;
      exit_child(named ? 0 : 2);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("unfinished files of a killed sweep are removed") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  folder.write("out/results.json.123-4.tmp", "half");
  run_sweep(sweep, folder.file("out"), with_jobs(1));
  CHECK(read_whole(folder.file("out/results.json.123-4.tmp")).empty());
}
