// What ends a sweep, and what a sweep cannot be, each by its message.

#include <csignal>
#include <map>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/runners.h"
#include "sim/sweep/sweep_folder.h"
#include "tests/file_bytes.h"
#include "tests/no_descriptors.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna;
using test::TemporaryFolder;

namespace {

const std::string source = LACUNA_SOURCE_DIR;
const std::string axis = "axes: [{key: architecture.pe_count, values: [1, 2]}]\n";
const std::string layers =
    "workload: {layers: [{generate: {rows: 8, columns: 8, weight_density: 1, activation_density: 1}}]}\n";

std::string load_refusal(const TemporaryFolder& folder, const std::string& text) {
  const std::string path = folder.write("s.yaml", text);
  return test::message_of<Error>([&path] { load_sweep(path, families()); });
}

SweepOptions options() {
  SweepOptions result;
  result.folders.configurations = source + "/configs";
  return result;
}

/// Its point 1 ends the process that runs it by a signal.
class SignalledRunner : public PointRunner {
 public:
  explicit SignalledRunner(int signal) : signal_(signal) {}
  PointOutcome run(const SweepPoint& point) const override {
    if (point.number == 1) {
      std::signal(signal_, SIG_DFL);  // the sanitizers take some
      raise(signal_);
    }
    return {{}, "counts"};
  }

 private:
  int signal_;
};

/// The outcomes of three points, one after the other.
std::map<std::uint64_t, PointOutcome> run_three_points(int signal_of_point_1) {
  std::map<std::uint64_t, PointOutcome> outcomes;
  run_in_processes(
      {{0, {}}, {1, {}}, {2, {}}}, SignalledRunner(signal_of_point_1), 1,
      [&outcomes](std::uint64_t point, const PointOutcome& outcome) { outcomes[point] = outcome; }, [] {});
  return outcomes;
}

}  // namespace

TEST_CASE("workloads and energies that a sweep does not know are refused") {
  const TemporaryFolder folder;
  folder.write("e.yaml", "schema: lacuna.energy/2\nname: e\nmachine: eie\nbase: " + source +
                             "/configs/energy/eie-published-45nm.yaml\n"
                             "events: {accumulator_saturations: {energy_pj: 1, source: x}}\n");
  CHECK_THAT(load_refusal(folder, "architecture: {kind: eie}\nenergy: e.yaml\n" + layers + axis),
             Catch::Contains("the table gives energy to accumulator_saturations, which need values"));
  CHECK_THAT(load_refusal(folder, "architecture: {kind: eie}\n" + layers + axis +
                                      "constraints: [accumulator_saturations < 3]\n"),
             Catch::Contains("accumulator_saturations"));
}

TEST_CASE("a sweep on SystemC has nothing to be checked with") {
  const TemporaryFolder folder;
  Sweep sweep = load_sweep(test::small_sweep(folder), families());
  sweep.engine = "systemc";
  SweepOptions checked = options();
  checked.checks = 1;
  CHECK_THAT(test::message_of<ConfigurationError>([&] { run_sweep(sweep, folder.file("out"), checked); }),
             Catch::Contains("compares with the engine 'systemc', on which this sweep runs anyway"));
}

TEST_CASE("a point's process that dies is the point's error, and one that is killed ends the sweep") {
  const auto outcomes = run_three_points(SIGABRT);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes.at(0).counts == "counts");
  CHECK(outcomes.at(1).error == "the engine's process was ended by signal 6");
  CHECK(outcomes.at(2).counts == "counts");
  for (const int signal : {SIGKILL, SIGTERM}) {
    CHECK(test::message_of<Error>([signal] { run_three_points(signal); }) ==
          "the engine's process was ended by signal " + std::to_string(signal));
  }
}

TEST_CASE("a layer of absurdly many row batches is a failed point") {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("s.yaml",
                   "architecture: {kind: eie, register_file_entries: 1}\n"
                   "workload: {layers: [{generate: {rows: 60000, columns: 20000, weight_density: 1e-8, "
                   "activation_density: 1e-4}}]}\naxes: [{key: architecture.pe_count, values: [1]}]\n");
  const SweepSummary summary = run_sweep(load_sweep(path, families()), folder.file("out"), options());
  REQUIRE(summary.failed == 1);
  CHECK_THAT(summary.first_failures.front().second, Catch::Contains("60000 row batches"));
}

TEST_CASE("stores of another format are refused") {
  const TemporaryFolder folder;
  const std::string path = folder.file("s.sqlite");
  SweepStore(path, "hash").is_empty();
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA user_version = 9", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  CHECK_THAT(test::message_of<ConfigurationError>([&path] { SweepStore(path, "hash").is_empty(); }),
             Catch::Contains("has the store format 9"));
}

TEST_CASE("folders that cannot be made, read or locked are refused") {
  const TemporaryFolder folder;
  const auto refused = [](const std::string& path) {
    return test::message_of<Error>([&path] { const SweepFolder made(path); });
  };
  const std::string file = folder.write("file", "");
  CHECK_THAT(refused(file), Catch::Contains("is no folder"));
  CHECK_THAT(refused(file + "/below"), Catch::Contains("cannot be made"));
  const std::string message = test::message_of<Error>([&folder] {
    const test::NoDescriptors none;
    const SweepFolder made(folder.file("new"));
  });
  CHECK_THAT(message, Catch::Contains("cannot be read: "));
  std::filesystem::create_directories(folder.file("locked/") + sweep_lock_file);
  CHECK_THAT(refused(folder.file("locked")), Catch::Contains("cannot be opened and locked"));
}
