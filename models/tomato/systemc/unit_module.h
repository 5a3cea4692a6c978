#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/tomato/engine.h"
#include "models/tomato/systemc/meters.h"
#include "models/tomato/systemc/stream_fifo.h"
#include "models/tomato/systemc/stream_ports.h"

namespace lacuna::tomato::systemc {

/// What a unit is built from: its description, its plan and its FIFOs; source and sink use the machine's
/// ports.
struct UnitWiring {
  const Unit* unit = nullptr;
  const UnitPlan* plan = nullptr;
  std::vector<const Stream*> input_streams;
  std::vector<const Stream*> output_streams;
  std::vector<StreamFifo*> inputs;
  std::vector<StreamFifo*> outputs;
  PixelInput* pixels = nullptr;
  PixelOutput* results = nullptr;
};

/// Base of all units. The machine's clocked process steps a unit in every cycle from `wake` on in which
/// something may change; between, the unit keeps still.
class UnitModule : public sc_core::sc_module {
 public:
  UnitModule(const sc_core::sc_module_name& name, const UnitWiring& wiring)
      : sc_module(name), wiring_(wiring) {}

  /// To the state at reset, for a run with this input.
  virtual void reset(const RunInput& input);
  /// To be called after `reset`: counts the run's classes by intervals, those of the last step excepted.
  void count_intervals(ClassIntervals* intervals) { classes_ = ClassMeter(intervals); }
  void add_open_class(ClassIntervals& intervals, Cycle end) const { classes_.add_open(intervals, end); }
  /// Does the work of `cycle`. Returns the next cycle in which it has to be stepped even if no FIFO wakes it.
  virtual Cycle step(Cycle cycle) = 0;
  /// Nothing is left to do in this run.
  virtual bool finished() const = 0;
  /// What it waits for in `cycle`, in which it cannot do anything.
  virtual UnitWait wait(Cycle cycle) const = 0;

  /// Its cycles and events before `end`, the end of the run.
  virtual UnitResult result(Cycle end) const;
  /// One past the last cycle in which it moved a token through one of its FIFOs.
  Cycle active_until() const { return active_until_; }

  void trace(sc_core::sc_trace_file* file) const override;

 protected:
  const Unit& unit() const { return *wiring_.unit; }
  const UnitPlan& plan() const { return *wiring_.plan; }
  const Stream& input_stream(std::size_t number = 0) const { return *wiring_.input_streams[number]; }
  const Stream& output_stream() const { return *wiring_.output_streams.front(); }
  StreamFifo& input(std::size_t number = 0) const { return *wiring_.inputs[number]; }
  std::size_t input_count() const { return wiring_.inputs.size(); }
  const std::vector<StreamFifo*>& outputs() const { return wiring_.outputs; }
  PixelInput& pixel_port() const { return *wiring_.pixels; }
  PixelOutput& result_port() const { return *wiring_.results; }
  bool has_values() const { return has_values_; }
  std::uint64_t frames() const { return frames_; }

  bool outputs_have_room(Cycle cycle) const;
  /// Meters the outputs' stalls: a token is ready for them, or not.
  void meter_outputs(bool token_ready, Cycle cycle);
  void push_result(Values token, Cycle cycle);
  void moved(Cycle cycle) { active_until_ = cycle + 1; }
  /// The first output that is full.
  std::optional<std::size_t> full_edge(Cycle cycle) const;

  ClassMeter classes_;
  UnitEventCounts events_;

 private:
  UnitWiring wiring_;
  bool has_values_ = false;
  std::uint64_t frames_ = 0;
  Cycle active_until_ = 0;
};

/// Makes the module of a unit's kind.
std::unique_ptr<UnitModule> make_unit(const sc_core::sc_module_name& name, const UnitWiring& wiring);

}  // namespace lacuna::tomato::systemc
