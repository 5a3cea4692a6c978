#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/eie/systemc/machine.h"
#include "models/eie/timeline/timeline_engine.h"
#include "models/tomato/systemc/machine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/eie/random_case.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/platform/platform.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

using tomato::CycleClass;
using tomato::systemc::Machine;
using tomato::systemc::Pixel;

/// The modules around a streaming machine: one that feeds it its pictures' pixels, a pixel every
/// `feed_cycles` at most, and one that takes a result every `take_cycles` at most.
class Surroundings {
 public:
  Surroundings(const Wires& wires, const PipelineCase& c, Machine& machine, int feed_cycles = 0,
               int take_cycles = 0)
      : feeder_("feeder",
                [&wires, &c, &machine, this, feed_cycles] { feed(wires, c, machine, feed_cycles); }),
        taker_("taker", [&wires, this, take_cycles] { take(wires, take_cycles); }) {
    machine.pixels(to_machine_);
    machine.results(from_machine_);
  }

  /// The machine's result, with the outputs that came through the port in their places.
  tomato::RunResult result(const Machine& machine) const {
    tomato::RunResult result = machine.result();
    const tomato::UnitPlan& sink = machine.analysis.units[machine.analysis.sink];
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (i % sink.tokens_per_frame == 0) {
        result.outputs.emplace_back();
      }
      result.outputs.back().insert(result.outputs.back().end(), taken_[i].begin(), taken_[i].end());
    }
    return result;
  }

 private:
  void feed(const Wires& wires, const PipelineCase& c, const Machine& machine, int cycles) {
    const std::size_t channels = machine.pipeline.units[machine.analysis.source].map.channels;
    for (const std::vector<std::int32_t>& frame : c.input.pixels) {
      for (auto pixel = frame.begin(); pixel != frame.end(); pixel += static_cast<std::ptrdiff_t>(channels)) {
        to_machine_.write({{pixel, pixel + static_cast<std::ptrdiff_t>(channels)}});
        wait_cycles(wires, cycles);
      }
    }
  }
  void take(const Wires& wires, int cycles) {
    while (true) {
      taken_.push_back(from_machine_.read().values);
      wait_cycles(wires, cycles);
    }
  }

  sc_core::sc_fifo<Pixel> to_machine_{"to_machine", 2};
  sc_core::sc_fifo<Pixel> from_machine_{"from_machine", 2};
  Processor feeder_;
  Processor taker_;
  std::vector<std::vector<std::int64_t>> taken_;
};

tomato::RunInput frames_of(const PipelineCase& c) {
  tomato::RunInput input;
  input.frames = c.input.frames;
  return input;
}

/// A random machine that comes to its end.
PipelineCase pipeline_case(std::uint64_t seed) {
  for (;; ++seed) {
    PipelineCase c = random_pipeline(seed);
    if (!tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input).deadlock) {
      return c;
    }
  }
}

/// The first of these whose frames give more than so many results in all.
PipelineCase case_of_many_results(std::uint64_t seed, std::uint64_t results) {
  for (;; ++seed) {
    PipelineCase c = pipeline_case(seed);
    const tomato::Analysis analysis = tomato::analyse(c.pipeline, c.parameters);
    if (analysis.units[analysis.sink].tokens_per_frame * c.input.frames > results) {
      return c;
    }
  }
}

/// Runs the machine of a case once, in surroundings; returns what `examine` finds wrong.
std::string run_in_surroundings(const PipelineCase& c, int feed_cycles, int take_cycles,
                                const std::function<std::string(const tomato::RunResult&)>& examine) {
  return in_platform([&] {
    Wires wires;
    Machine machine("machine", c.pipeline, c.parameters);
    wires.connect(machine);
    const Surroundings surroundings(wires, c, machine, feed_cycles, take_cycles);
    const tomato::RunInput input = frames_of(c);
    std::string wrong;
    const Processor processor("processor", [&] {
      machine.start(input);
      sc_core::wait(machine.done());
      wait_cycles(wires, 3 * take_cycles + 3);  // the last results leave the FIFO
      wrong = examine(surroundings.result(machine));
      sc_core::sc_stop();
    });
    return simulate() + wrong;
  });
}

TEST_CASE("pixels and results through ports, at the machine's speed, change no cycle and no value") {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    const PipelineCase c = pipeline_case(seed);
    INFO("seed " << seed << " " << describe(c));
    const tomato::RunResult expected = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
    CHECK(run_in_surroundings(c, 0, 0, [&](const tomato::RunResult& got) {
            return run_difference(c.pipeline, expected, got);
          }) == "");
  }
}

TEST_CASE("a slow feeder starves the source, a slow taker blocks the sink, and no value changes") {
  constexpr std::uint64_t waiting = 4;  // results behind the sink and in what takes them
  const PipelineCase c = case_of_many_results(140, waiting);
  const tomato::RunResult expected = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
  const tomato::Analysis analysis = tomato::analyse(c.pipeline, c.parameters);
  const std::uint64_t pixels = analysis.units[analysis.source].tokens_per_frame * c.input.frames;
  const std::uint64_t results = analysis.units[analysis.sink].tokens_per_frame * c.input.frames;
  const auto cycles_of = [](const tomato::RunResult& result, std::size_t unit, CycleClass cycle_class) {
    return result.units[unit].cycles[cycle_class];
  };
  const int rare = static_cast<int>(expected.cycles);
  CHECK(run_in_surroundings(c, rare, 0, [&](const tomato::RunResult& got) {
          std::string wrong = got.outputs == expected.outputs ? "" : "outputs differ\n";
          wrong += cycles_of(got, analysis.source, CycleClass::busy) == pixels ? "" : "source busy\n";
          wrong += cycles_of(got, analysis.source, CycleClass::starved) > (pixels - 2) * (expected.cycles - 1)
                       ? ""
                       : "the source does not starve\n";
          return wrong;
        }) == "");
  CHECK(cycles_of(expected, analysis.sink, CycleClass::blocked) == 0);
  CHECK(run_in_surroundings(c, 0, rare, [&](const tomato::RunResult& got) {
          std::string wrong = got.outputs == expected.outputs ? "" : "outputs differ\n";
          wrong += cycles_of(got, analysis.sink, CycleClass::busy) == results ? "" : "sink busy\n";
          wrong +=
              cycles_of(got, analysis.sink, CycleClass::blocked) > (results - waiting) * (expected.cycles - 1)
                  ? ""
                  : "the sink is not blocked\n";
          return wrong;
        }) == "");
}

TEST_CASE("a streaming machine and an EIE machine run beside each other, also after a reset") {
  const PipelineCase c = pipeline_case(150);
  const tomato::RunResult stream = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
  const Case layer = random_case(21);
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(layer.parameters));
  const eie::RunResult product =
      eie::make_timeline_engine(layer.parameters)->run(layer.layer, image, layer.activations);
  CHECK(in_platform([&] {
          Wires wires;
          Machine streaming("streaming", c.pipeline, c.parameters);
          eie::systemc::Machine eie("eie", layer.parameters);
          wires.connect(streaming);
          wires.connect(eie);
          std::string wrong;
          const Processor processor("processor", [&] {
            streaming.start(c.input);
            eie.start(layer.layer, image, layer.activations);
            wait_cycles(wires, 5);
            wires.reset = true;
            wait_cycles(wires, 2);
            wrong += streaming.running() || eie.running() ? "reset does not end a run\n" : "";
            streaming.start(c.input);
            eie.start(layer.layer, image, layer.activations);
            wait_cycles(wires, 2);
            wires.reset = false;
            sc_core::wait(streaming.done() & eie.done());
            wrong += run_difference(c.pipeline, stream, streaming.result());
            wrong += run_difference(product, eie.result());
            sc_core::sc_stop();
          });
          return simulate() + wrong;
        }) == "");
}

/// Starts machines at the third rising edge and at the falling edge behind it.
class Starter : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Starter);
  Starter(const sc_core::sc_module_name& name, std::function<void()> at_rising,
          std::function<void()> at_falling)
      : sc_module(name),
        clock("clock"),
        at_rising_(std::move(at_rising)),
        at_falling_(std::move(at_falling)) {
    SC_METHOD(rise);
    sensitive << clock.pos();
    dont_initialize();
    SC_METHOD(fall);
    sensitive << clock.neg();
    dont_initialize();
  }

  sc_core::sc_in<bool> clock;

 private:
  void rise() {
    if (++edges_ == 3) {
      at_rising_();
    }
  }
  void fall() {
    if (edges_ == 3) {
      at_falling_();
    }
  }

  std::function<void()> at_rising_;
  std::function<void()> at_falling_;
  int edges_ = 0;
};

/// When machines started by a Starter are done, where it stands before or behind them.
enum class Order { starter_first, machines_first };

std::string done_times(Order order, const PipelineCase& c, const Case& layer) {
  return in_platform([&] {
    Wires wires;
    const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(layer.parameters));
    std::unique_ptr<Machine> streaming;
    std::unique_ptr<eie::systemc::Machine> eie;
    std::unique_ptr<Starter> starter;
    const auto make_starter = [&] {
      starter = std::make_unique<Starter>(
          "starter", [&] { streaming->start(c.input); },
          [&] { eie->start(layer.layer, image, layer.activations); });
      starter->clock(wires.clock);
    };
    if (order == Order::starter_first) {
      make_starter();
    }
    streaming = std::make_unique<Machine>("streaming", c.pipeline, c.parameters);
    eie = std::make_unique<eie::systemc::Machine>("eie", layer.parameters);
    wires.connect(*streaming);
    wires.connect(*eie);
    if (order == Order::machines_first) {
      make_starter();
    }
    std::string times;
    const Processor of_streaming("of_streaming", [&] {
      sc_core::wait(streaming->done());
      times += "streaming " + sc_core::sc_time_stamp().to_string() + "\n";
    });
    const Processor of_eie("of_eie", [&] {
      sc_core::wait(eie->done());
      times += "eie " + sc_core::sc_time_stamp().to_string() + "\n";
    });
    const Processor last("last", [&] {
      sc_core::wait(streaming->done() & eie->done());
      wait_cycles(wires, 1);
      sc_core::sc_stop();
    });
    return simulate() + times;
  });
}

TEST_CASE("a start at a clock edge means the same in whatever order the edge's processes run") {
  const PipelineCase c = pipeline_case(170);
  const Case layer = random_case(22);
  const std::string times = done_times(Order::starter_first, c, layer);
  CHECK_THAT(times, Catch::Contains("streaming ") && Catch::Contains("eie "));
  CHECK(times == done_times(Order::machines_first, c, layer));
}

/// What a machine says that is given one pixel for its first. No thread runs here: AddressSanitizer loses its
/// way in exceptions where SystemC has switched stacks.
void run_with_first_pixel(const PipelineCase& c, const Pixel& pixel) {
  in_platform([&]() -> std::string {
    Wires wires;
    sc_core::sc_fifo<Pixel> camera("camera", 1);
    Machine machine("machine", c.pipeline, c.parameters);
    wires.connect(machine);
    machine.pixels(camera);
    const tomato::RunInput input = frames_of(c);
    machine.start(input);
    camera.nb_write(pixel);
    sc_core::sc_start(1000 * clock_period);
    if (machine.running()) {
      return "it waits for more";
    }
    machine.result();
    return "it takes the pixel";
  });
}

TEST_CASE("a pixel that is none of the source's ends the run, and pictures beside a bound port are refused") {
  const PipelineCase c = pipeline_case(160);
  const auto channels = static_cast<std::size_t>(c.pipeline.units.front().map.channels);
  CHECK(c.pipeline.units.front().kind == tomato::UnitKind::source);
  CHECK_THROWS_WITH(run_with_first_pixel(c, {std::vector<std::int64_t>(channels, 1 << 30)}),
                    Catch::Contains("machine.pixels: a pixel lies outside the source's format"));
  CHECK_THROWS_WITH(run_with_first_pixel(c, {std::vector<std::int64_t>(channels + 1)}),
                    Catch::Contains(fmt::format("machine.pixels: a pixel of {} values", channels + 1)));
  CHECK_NOTHROW(run_with_first_pixel(c, {std::vector<std::int64_t>(channels)}));
  CHECK_THROWS_WITH(in_platform([&]() -> std::string {
                      sc_core::sc_fifo<Pixel> camera("camera", 1);
                      Machine machine("machine", c.pipeline, c.parameters);
                      machine.pixels(camera);
                      machine.start(c.input);
                      return {};
                    }),
                    Catch::Contains("port 'pixels' is bound"));
}

}  // namespace
}  // namespace lacuna::test
