#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/eie/systemc/machine.h"
#include "models/eie/systemc/systemc_engine.h"
#include "models/eie/timeline/timeline_engine.h"
#include "tests/models/eie/random_case.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/platform/platform.h"

namespace lacuna::test {
namespace {

using eie::systemc::Machine;

/// A case with its memory image and the result that it must have.
struct Job {
  explicit Job(const Case& c)
      : of(c),
        image(eie::encode(c.layer.matrix, eie::image_geometry(c.parameters))),
        expected(eie::make_timeline_engine(c.parameters)->run(c.layer, image, c.activations)) {}

  void start_on(Machine& machine) const { machine.start(of.layer, image, of.activations); }
  std::string difference(const Machine& machine) const { return run_difference(expected, machine.result()); }

  Case of;
  eie::MemoryImage image;
  eie::RunResult expected;
};

/// A random case on a machine of so many PEs.
Job job(std::uint64_t seed, std::uint32_t pe_count) {
  Case c = random_case(seed);
  c.parameters.pe_count = pe_count;
  return Job(c);
}

/// Two row batches, so that the run ends with a store: in the very cycle that it counts as its last.
Job job_with_stores() {
  Case c;
  c.parameters.pe_count = 2;
  c.parameters.register_file_entries = 4;
  c.layer = layer_from_dense(16, 8, std::vector<std::uint8_t>(128, 3));
  c.activations = {1, 0, 2, 0, 3, 4, 0, 5};
  return Job(c);
}

TEST_CASE("two machines of different size run in one platform, started by a thread of it") {
  const Job small = job(11, 5);
  const Job big = job(12, 64);
  const Job next = Job(small.of);
  CHECK(small.expected.cycles != big.expected.cycles);
  CHECK(in_platform([&] {
          Wires wires;
          Machine first("first", small.of.parameters);
          Machine second("second", big.of.parameters);
          wires.connect(first);
          wires.connect(second);
          std::string wrong;
          Processor processor("processor", [&] {
            wait_cycles(wires, 3);
            small.start_on(first);
            big.start_on(second);
            sc_core::wait(first.done() & second.done());
            wrong += small.difference(first) + big.difference(second);
            next.start_on(first);
            sc_core::wait(first.done());
            wrong += next.difference(first) + big.difference(second);
            sc_core::sc_stop();
          });
          return simulate() + wrong;
        }) == "");
}

TEST_CASE("a run takes the cycles that it counts from its start to done") {
  const Job job = job_with_stores();
  CHECK(job.expected.pes[0].cycles[eie::CycleClass::batch_store] > 0);
  CHECK(in_platform([&]() -> std::string {
          Wires wires;
          Machine machine("machine", job.of.parameters);
          wires.connect(machine);
          sc_core::sc_time started, ended;
          Processor processor("processor", [&] {
            wait_cycles(wires, 1);
            job.start_on(machine);
            sc_core::wait(wires.clock.negedge_event());
            started = sc_core::sc_time_stamp();
            sc_core::wait(machine.done());
            ended = sc_core::sc_time_stamp();
            sc_core::sc_stop();
          });
          std::string wrong = simulate();
          wrong += job.difference(machine);
          const double cycles = (ended - started) / clock_period;
          wrong +=
              cycles == static_cast<double>(job.expected.cycles) ? "" : fmt::format("took {} cycles", cycles);
          return wrong;
        }) == "");
}

TEST_CASE("reset abandons a run without done, holds the next one back, and leaves nothing behind") {
  const Job job = job_with_stores();
  CHECK(in_platform([&] {
          Wires wires;
          Machine machine("machine", job.of.parameters);
          wires.connect(machine);
          std::string wrong;
          Processor processor("processor", [&] {
            job.start_on(machine);
            wait_cycles(wires, 10);
            wrong += machine.running() ? "" : "it is over after ten cycles\n";
            wires.reset = true;
            sc_core::wait(1000 * clock_period, machine.done());
            wrong += sc_core::sc_time_stamp() > 1000 * clock_period ? "" : "done in spite of reset\n";
            wrong += machine.running() ? "it still runs\n" : "";
            job.start_on(machine);
            sc_core::wait(1000 * clock_period, machine.done());
            wrong += machine.running() ? "" : "a run begins under reset\n";
            wires.reset = false;
            sc_core::wait(machine.done());
            wrong += job.difference(machine);
            sc_core::sc_stop();
          });
          return simulate() + wrong;
        }) == "");
}

// No thread runs in what follows: AddressSanitizer loses its way in exceptions where SystemC has switched
// stacks.

TEST_CASE("a start is refused while a run goes on, and with what is for another machine") {
  const Job mine = job(3, 4);
  const Job other = job(3, 5);
  CHECK_THROWS_WITH(in_platform([&]() -> std::string {
                      Machine machine("machine", mine.of.parameters);
                      other.start_on(machine);
                      return {};
                    }),
                    Catch::Contains("machine: an image for 5 PEs") && Catch::Contains("; 4 PEs"));
  CHECK_THROWS_WITH(in_platform([&]() -> std::string {
                      Machine machine("machine", mine.of.parameters);
                      mine.start_on(machine);
                      mine.start_on(machine);
                      return {};
                    }),
                    Catch::Contains("machine: a run was started while another goes on"));
}

TEST_CASE("machines leave the platform's report policy alone, engines give it back") {
  const Job job = job_with_stores();
  using sc_core::sc_report_handler;
  CHECK(in_platform([&]() -> std::string {
          sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_LOG);
          Machine machine("machine", job.of.parameters);
          const bool machine_changes_it =
              sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_CACHE_REPORT) !=
              sc_core::SC_LOG;
          return machine_changes_it ? "the machine changes it" : "";
        }) == "");
  CHECK(in_platform([&]() -> std::string {
          sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_LOG);
          std::string wrong;
          {
            const auto engine = eie::make_systemc_engine(job.of.parameters);
            wrong = run_difference(job.expected, engine->run(job.of.layer, job.image, job.of.activations));
          }
          const bool kept =
              sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DISPLAY) == sc_core::SC_LOG;
          return wrong + (kept ? "" : "the engine does not give it back");
        }) == "");
}

TEST_CASE("an engine is refused where a platform has had the kernel") {
  const Job job = job_with_stores();
  CHECK_THROWS_WITH(in_platform([&]() -> std::string {
                      Wires wires;
                      sc_core::sc_start(clock_period);
                      eie::make_systemc_engine(job.of.parameters);
                      return {};
                    }),
                    Catch::Contains("one engine per process"));
}

}  // namespace
}  // namespace lacuna::test
