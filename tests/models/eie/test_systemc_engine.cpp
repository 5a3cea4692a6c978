#include <csignal>

#include <catch2/catch.hpp>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "models/eie/forked_engine.h"
#include "models/eie/systemc/systemc_engine.h"
#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/wave_values.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

using Catch::Contains;

/// Completes the wave file after its one run, as the command line does at the end of all runs.
class FinishingEngine : public eie::Engine {
 public:
  explicit FinishingEngine(std::unique_ptr<eie::Engine> engine) : engine_(std::move(engine)) {}
  std::string_view name() const override { return engine_->name(); }
  const eie::Parameters& parameters() const override { return engine_->parameters(); }
  void observe(eie::CycleObserver* observer) override { engine_->observe(observer); }
  eie::RunResult run(const eie::Layer& layer, const eie::MemoryImage& image,
                     const std::vector<std::int32_t>& activations, eie::Outputs outputs) override {
    eie::RunResult result = engine_->run(layer, image, activations, outputs);
    engine_->finish();
    return result;
  }

 private:
  std::unique_ptr<eie::Engine> engine_;
};

eie::RunResult run_with_wave(const test::Case& c, const std::string& path) {
  const auto make = [&](const eie::Parameters& p) -> std::unique_ptr<eie::Engine> {
    return std::make_unique<FinishingEngine>(eie::make_systemc_engine(p, {path}));
  };
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  return eie::make_forked_engine(make, c.parameters)->run(c.layer, image, c.activations);
}

TEST_CASE("a wave file has the units of every PE by hierarchical name and is the same every time") {
  const test::TemporaryFolder folder;
  test::Case c = test::random_case(3);
  c.parameters.pe_count = 5;
  const eie::RunResult plain = test::run_systemc(c);
  const eie::RunResult waved = run_with_wave(c, folder.file("a.vcd"));
  run_with_wave(c, folder.file("b.vcd"));
  CHECK(waved.cycles == plain.cycles);
  CHECK(waved.outputs == plain.outputs);
  CHECK(folder.file_count() == 4);  // waves with their views; nothing temporary is left

  const std::string wave = test::read_whole(folder.file("a.vcd"));
  CHECK(wave == test::read_whole(folder.file("b.vcd")));
  CHECK_THAT(wave, !Contains("$date"));
  for (const char* scope :
       {"machine", "CCU", "PE0", "PE4", "Act_queue", "PtrRead", "SpmatRead", "ArithmUnit"}) {
    CHECK_THAT(wave, Contains("$scope module " + std::string(scope) + " $end"));
  }
  for (const char* variable : {"occupancy", "broadcast", "entry_valid", "accumulator_write_data"}) {
    CHECK_THAT(wave, Contains(variable));
  }
  CHECK_THAT(wave, Contains("$enddefinitions"));
}

TEST_CASE("a store moves its words one per cycle, and with each the results that begin in it") {
  const test::TemporaryFolder folder;
  test::Case c;
  c.parameters.pe_count = 2;
  c.parameters.register_file_entries = 3;
  c.parameters.activation_width_bits = 12;
  c.parameters.activation_sram_width_bits = 16;
  c.parameters.clock_mhz = 500;
  c.layer = test::layer_from_dense(10, 2, std::vector<std::uint8_t>(20, 1));  // row batches of 6 and 4
  c.layer.formats.activation = c.layer.formats.output = {12, 11};
  c.activations = {3, 4};
  const eie::RunResult result = run_with_wave(c, folder.file("store.vcd"));
  CHECK(result.outputs == std::vector<std::int32_t>(10, 7));
  const std::string wave = test::read_whole(folder.file("store.vcd"));
  const std::string pe = "machine.group0.PE1.ActRW.";
  const std::vector<test::WaveValue> words = test::wave_values(wave, pe + "words_moved");
  // Three registers of 12 bits fill two words and a quarter; two fill one and a half.
  CHECK(test::values_of(words) == std::vector<std::uint64_t>{0, 1, 2, 3, 0, 1, 2});
  CHECK(test::values_of(test::wave_values(wave, pe + "entries_moved")) ==
        std::vector<std::uint64_t>{0, 2, 3, 0, 2});
  CHECK(words[2].time_ps - words[1].time_ps == 2000);
  CHECK(words[3].time_ps - words[2].time_ps == 2000);
  // compute, store, compute, store
  CHECK(test::values_of(test::wave_values(wave, "machine.CCU.phase")) ==
        std::vector<std::uint64_t>{2, 3, 2, 3});
}

TEST_CASE("a run without outputs has neither outputs nor saturations, and the same cycles") {
  test::Case c;
  c.parameters.pe_count = 2;
  c.layer = test::layer_from_dense(2, 2, {15, 15, 1, 0});
  c.activations = {32767, 32767};  // 15 * 32767 leaves 16 bits
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  const auto engine = eie::make_forked_engine(
      [](const eie::Parameters& p) { return eie::make_systemc_engine(p); }, c.parameters);
  const eie::RunResult with = engine->run(c.layer, image, c.activations, eie::Outputs::wanted);
  const eie::RunResult without = engine->run(c.layer, image, c.activations, eie::Outputs::skipped);
  CHECK(without.outputs.empty());
  CHECK(without.cycles == with.cycles);
  std::uint64_t clipped = 0;
  for (std::size_t pe = 0; pe < with.pes.size(); ++pe) {
    clipped += with.pes[pe].events[eie::PeEvent::accumulator_saturations];
    CHECK(without.pes[pe].events[eie::PeEvent::accumulator_saturations] == 0);
  }
  CHECK(clipped > 0);
}

TEST_CASE("waves of run after run have one rising clock edge for each cycle") {
  const test::TemporaryFolder folder;
  for (const std::uint64_t seed : {3, 4, 5, 6, 7, 8}) {
    INFO(seed);
    const test::Case c = test::random_case(seed);
    const std::string path = folder.file("runs.vcd");
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    const std::string cycles = call_in_child([&] {
      const auto engine = eie::make_systemc_engine(c.parameters, {path});
      std::uint64_t sum = 0;
      std::uint64_t first = 0;
      for (int run = 0; run < 3; ++run) {
        const eie::RunResult result = engine->run(c.layer, image, c.activations, eie::Outputs::wanted);
        first = run == 0 ? result.cycles : first;
        sum += result.cycles;
      }
      engine->finish();
      return sum == 3 * first ? std::to_string(sum) : std::string("a run of the same has other cycles");
    });
    const std::vector<std::uint64_t> levels =
        test::values_of(test::wave_values(test::read_whole(path), "machine.clock"));
    std::uint64_t rising = 0;
    for (std::size_t i = 1; i < levels.size(); ++i) {
      rising += levels[i - 1] == 0 && levels[i] == 1 ? 1 : 0;
    }
    CHECK(std::to_string(rising) == cycles);
  }
}

TEST_CASE("a wave file in a folder that does not exist is refused") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(run_with_wave(test::random_case(3), folder.file("absent/a.vcd")),
                    Contains("cannot create the wave file"));
}

TEST_CASE("a second engine in one process is refused") {
  const auto make_two = [](const eie::Parameters& p) {
    const auto first = eie::make_systemc_engine(p);
    return eie::make_systemc_engine(p);
  };
  const test::Case c = test::random_case(3);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  CHECK_THROWS_WITH(eie::make_forked_engine(make_two, c.parameters)->run(c.layer, image, c.activations),
                    Contains("one engine per process"));
}

TEST_CASE("a forked engine that dies is an error, not a result") {
  const auto make_dead = [](const eie::Parameters&) -> std::unique_ptr<eie::Engine> {
    ::raise(SIGKILL);
    return nullptr;
  };
  const test::Case c = test::random_case(3);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  CHECK_THROWS_WITH(eie::make_forked_engine(make_dead, c.parameters)->run(c.layer, image, c.activations),
                    Contains("ended by signal 9"));
}

}  // namespace
}  // namespace lacuna
