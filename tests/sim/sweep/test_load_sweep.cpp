#include <filesystem>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/families.h"
#include "sim/sweep/sweep.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna;
using test::small_sweep;
using test::TemporaryFolder;

namespace {

const std::string source = LACUNA_SOURCE_DIR;

/// Loading a sweep with this text is refused with a message that contains `part`.
void check_refused(const std::string& text, const std::string& part) {
  const TemporaryFolder folder;
  const std::string path = folder.write("s.yaml", text);
  INFO(text);
  CHECK_THROWS_WITH(load_sweep(path, families()), Catch::Contains(part));
  CHECK_THROWS_AS(load_sweep(path, families()), ConfigurationError);
}

const EieSpace& eie_space(const Sweep& sweep) {
  return dynamic_cast<const EieSpace&>(*sweep.space);
}

const std::string base = "base: " + source + "/configs/nine-layers.yaml\n";

void check_axis_refused(const std::string& axis, const std::string& part) {
  check_refused(base + "axes:\n  - " + axis + "\n", part);
}

}  // namespace

TEST_CASE("axes become points") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  CHECK(sweep.points.size() == 2 * 3 * 4 * 2);
  CHECK(sweep.engine == "timeline");
  const EieSpace& space = eie_space(sweep);
  const EiePoint last = space.point(sweep.point(47).choices);
  CHECK(last.workload == 1);
  CHECK(last.machine.pe_count == 8);
  CHECK(last.machine.queue_depth_entries == 4);
  CHECK_FALSE(last.machine.arithmetic_bypass);
  CHECK(last.machine.register_file_entries == 8);
  CHECK(sweep.axes()[1].labels == std::vector<std::string>{"2", "4", "8"});
  CHECK(sweep.axes()[2].labels == std::vector<std::string>{"1", "2", "3", "4"});
  CHECK(space.workloads().list[1].config.layers.size() == 2);
}

TEST_CASE("the sweep's own sections win over the base's, the command line over both") {
  const TemporaryFolder folder;
  const std::string path = folder.write("s.yaml", base + "architecture: {queue_depth_entries: 3}\nseed: 5\n" +
                                                      "axes: [{key: workload, values: [NT-We]}]\n");
  const Sweep sweep = load_sweep(path, families());
  CHECK(eie_space(sweep).base().queue_depth_entries == 3);
  CHECK(eie_space(sweep).base().pointer_width_bits == 32);  // of the base's preset
  CHECK(sweep.space->seed() == 5);
  SweepOverrides overrides;
  overrides.assignments = {"architecture.queue_depth_entries=9", "axes.0.values=[NT-Wd, NT-LSTM]"};
  overrides.engine = "rtl";
  const Sweep changed = load_sweep(path, families(), overrides);
  CHECK(eie_space(changed).base().queue_depth_entries == 9);
  CHECK(changed.points.size() == 2);
  CHECK(changed.engine == "rtl");
}

TEST_CASE("constraints on parameters keep points from running") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(
      small_sweep(folder, "constraints: ['pe_count < 8', 'queue_depth_entries != 2']\n"), families());
  CHECK(sweep.points.size() == 2 * 2 * 3 * 2);
  CHECK(sweep.excluded == 48 - 24);
  for (const std::uint64_t number : sweep.points) {
    const EiePoint point = eie_space(sweep).point(sweep.point(number).choices);
    CHECK(point.machine.pe_count < 8);
    CHECK(point.machine.queue_depth_entries != 2);
  }
}

TEST_CASE("ranges end where they should") {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "s.yaml", base + "axes: [{key: architecture.clock_mhz, range: {from: 0.1, to: 0.3, step: 0.1}}]\n");
  CHECK(load_sweep(path, families()).axes()[0].labels == std::vector<std::string>{"0.1", "0.2", "0.3"});
}

TEST_CASE("wrong sweeps are refused with their place") {
  check_refused(base, "axes");
  check_refused(base + "axes: []\n", "is an empty list");
  check_refused(base + "axis: 1\naxes: [{key: workload, values: [NT-We]}]\n", "did you mean 'axes'?");
  check_refused("axes: [{key: architecture.pe_count, values: [1]}]\n", "architecture");
  check_axis_refused("{key: architecture.pe_cuont, values: [1]}", "did you mean 'architecture.pe_count'?");
  check_axis_refused("{key: architecture.pe_cuont, values: [1]}", "s.yaml:3: axes.0.key");
  check_axis_refused("{key: seed, values: [1]}", "not a key that can vary");
  check_axis_refused("{key: architecture.pe_count}", "exactly one of: values, range, powers_of_two");
  check_axis_refused("{key: architecture.pe_count, values: [1, 0]}", "out of range");
  check_axis_refused("{key: architecture.pe_count, values: [1, x]}", "is not an integer");
  check_axis_refused("{key: architecture.pe_count, values: [[1]]}", "is a list");
  check_axis_refused("{key: architecture.pe_count, values: [4, 2, 4]}", "4 comes twice");
  check_axis_refused("{key: architecture.pe_count, range: {from: 1, to: 2, step: 0.5}}", "not an integer");
  check_axis_refused("{key: architecture.pe_count, range: {from: 3, to: 2, step: 1}}", "gives no value");
  check_axis_refused("{key: architecture.clock_mhz, range: {from: 1, to: 1e12, step: 1}}", "at most 65536");
  check_axis_refused("{key: architecture.pe_count, powers_of_two: {from: 5, to: 7}}", "gives no value");
  check_axis_refused("{key: workload, values: [NT-Wee]}", "did you mean 'NT-We'?");
  check_axis_refused("{key: workload, values: [none.yaml]}", "no such file");
  check_axis_refused("{key: workload, range: {from: 1, to: 2, step: 1}}", "workloads have no order");
  const std::string axis = "{key: architecture.pe_count, values: [1, 2]}";
  check_axis_refused(axis + "\n  - " + axis, "varies on two axes");
  check_axis_refused(axis + "\nsampling: {method: random}", "sampling.points");
  check_axis_refused(axis + "\nsampling: {method: random, points: 3}", "the grid has 2");
  check_axis_refused(axis + "\nobjectives: [{metric: time}]", "did you mean 'time_us'?");
  check_axis_refused(axis + "\nobjectives: [{metric: energy_nj}]", "not known without an energy table");
  check_axis_refused(axis + "\nconstraints: ['area_mm2 < 5']", "not known without an energy table");
  check_axis_refused(axis + "\nconstraints: ['area < 5']", "neither a metric nor a parameter");
}

TEST_CASE("shipped sweeps load") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source + "/configs/sweeps")) {
    INFO(entry.path());
    CHECK_NOTHROW(load_sweep(entry.path().string(), families()));
    ++files;
  }
  CHECK(files >= 5);
}
