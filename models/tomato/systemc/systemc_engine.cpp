#include "models/tomato/systemc/systemc_engine.h"

#include <string>
#include <utility>
#include <vector>

#include "models/common/child_process.h"
#include "models/common/systemc/testbench.h"
#include "models/tomato/systemc/machine.h"

namespace lacuna::tomato {
namespace {

class SystemCEngine : public Engine {
 public:
  SystemCEngine(const Pipeline& pipeline, const Parameters& parameters, const SystemCOptions& options)
      : machine_("machine", pipeline, parameters),
        testbench_("testbench", parameters.clock_mhz, FirstEdge::rising,
                   {&machine_.done(), &machine_.frame_done()},
                   options.wave_path.empty() ? ClockShape::pulse : ClockShape::square) {
    machine_.clock(testbench_.clock);
    machine_.reset(testbench_.reset);
    if (!options.wave_path.empty()) {
      wave_ = std::make_unique<WaveFile>(options.wave_path, options.wave_only);
      testbench_.clock.show_in_waves();
      machine_.trace(wave_->handle());
      wave_->check_selection();
    }
  }

  std::string_view name() const override { return "systemc"; }
  RunResult run(const RunInput& input) override {
    machine_.start(input);
    testbench_.run();
    while (machine_.running()) {
      // Here, outside of the simulation's processes, which let no exception of another type through.
      if (input.progress) {
        input.progress(machine_.frames_done());
      }
      machine_.check_intervals();
      testbench_.run();
    }
    return machine_.result();
  }
  void finish() override {
    if (wave_) {
      wave_->finish();
      wave_.reset();
    }
  }

 private:
  KernelClaim claim_;
  systemc::Machine machine_;
  Testbench testbench_;
  std::unique_ptr<WaveFile> wave_;
};

std::string to_bytes(const RunResult& result) {
  ByteWriter writer;
  writer.put(result.cycles);
  writer.put(result.first_output_cycle);
  writer.put_all(result.frame_cycles);
  writer.put_all(result.units);
  writer.put_all(result.fifos);
  writer.put(std::uint64_t{result.outputs.size()});
  for (const auto& frame : result.outputs) {
    writer.put_all(frame);
  }
  writer.put(std::uint64_t{result.recorded.size()});
  for (const auto& edge : result.recorded) {
    writer.put(std::uint64_t{edge.size()});
    for (const auto& frame : edge) {
      writer.put_all(frame);
    }
  }
  writer.put(result.intervals.has_value());
  if (result.intervals) {
    writer.put(result.intervals->interval_cycles());
    writer.put_all(result.intervals->counts());
    writer.put(result.intervals->cycles());
  }
  writer.put(result.deadlock.has_value());
  if (result.deadlock) {
    writer.put(result.deadlock->cycle);
    writer.put_all(result.deadlock->circle);
  }
  return writer.take();
}

RunResult from_bytes(const std::string& bytes) {
  ByteReader reader(bytes);
  RunResult result;
  result.cycles = reader.get<std::uint64_t>();
  result.first_output_cycle = reader.get<std::uint64_t>();
  reader.get_all(result.frame_cycles);
  reader.get_all(result.units);
  reader.get_all(result.fifos);
  result.outputs.resize(reader.get<std::uint64_t>());
  for (auto& frame : result.outputs) {
    reader.get_all(frame);
  }
  result.recorded.resize(reader.get<std::uint64_t>());
  for (auto& edge : result.recorded) {
    edge.resize(reader.get<std::uint64_t>());
    for (auto& frame : edge) {
      reader.get_all(frame);
    }
  }
  if (reader.get<bool>()) {
    result.intervals.emplace(reader.get<std::uint64_t>());
    std::vector<CycleClassCounts> counts;
    reader.get_all(counts);
    const auto cycles = reader.get<std::uint64_t>();
    result.intervals->replace(std::move(counts), cycles);
  }
  if (reader.get<bool>()) {
    result.deadlock.emplace();
    result.deadlock->cycle = reader.get<std::uint64_t>();
    reader.get_all(result.deadlock->circle);
  }
  return result;
}

class ForkedEngine : public Engine {
 public:
  ForkedEngine(const Pipeline& pipeline, const Parameters& parameters)
      : pipeline_(pipeline), parameters_(parameters), analysis_(analyse(pipeline_, parameters_)) {}

  std::string_view name() const override { return "systemc"; }
  RunResult run(const RunInput& input) override {
    check_input(pipeline_, analysis_, input);
    return from_bytes(
        call_in_child([&] { return to_bytes(make_systemc_engine(pipeline_, parameters_)->run(input)); }));
  }

 private:
  const Pipeline pipeline_;
  const Parameters parameters_;
  const Analysis analysis_;
};

}  // namespace

std::unique_ptr<Engine> make_systemc_engine(const Pipeline& pipeline, const Parameters& parameters,
                                            const SystemCOptions& options) {
  return std::make_unique<SystemCEngine>(pipeline, parameters, options);
}

std::unique_ptr<Engine> make_forked_systemc_engine(const Pipeline& pipeline, const Parameters& parameters) {
  return std::make_unique<ForkedEngine>(pipeline, parameters);
}

}  // namespace lacuna::tomato
