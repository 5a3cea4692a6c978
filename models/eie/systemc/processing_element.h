#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/pe_pipeline.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {

/// A unit of a processing element in the hierarchy of modules.
class Unit : public sc_core::sc_module {
 public:
  explicit Unit(const sc_core::sc_module_name& name) : sc_module(name) {}
};

/// One processing element: its pipeline, which its group steps, and its register files and SRAM.
class ProcessingElement : public sc_core::sc_module {
 public:
  ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index, PePipeline& pipeline);

  PePipeline& pipeline;
  Unit queue;
  Unit pointer_read;
  Unit spmat_read;
  Unit arithmetic_unit;
  ActivationRw activation_rw;

  void reset(const RunContext& context);

  /// The rising edge that ends a cycle of a load or store; called by the group's clocked process.
  void transfer(Phase phase);

  /// Counters of the run, without the cycles in which columns were still being looked up after its end.
  PeResult result(std::uint64_t run_cycles, std::uint64_t drained_cycle) const;

  /// Cycles so far, those behind the run's end among them.
  const CycleClassCounts& cycle_classes() const { return pipeline.counts.cycles; }

  /// Last cycle of the run with an entry in stage 4; 0 if there was none.
  std::uint64_t last_write_cycle() const { return pipeline.last_write_cycle(); }

  PeEventCounts& events() { return pipeline.counts.events; }

  /// Adds this PE's state to a wave file under its hierarchical name.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  const std::uint32_t index_;
};

/// Neighbouring processing elements (the leaves of one LNZD node of the second level) and the one clocked
/// process that steps them: with a process for each PE, or each unit, the kernel's scheduling would cost more
/// than the units.
class PeGroup : public sc_core::sc_module {
 public:
  static constexpr std::uint32_t size = 16;

  SC_HAS_PROCESS(PeGroup);
  PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
          const Parameters& parameters, Lines& lines);

  sc_core::sc_in<bool> clock;
  std::vector<std::unique_ptr<ProcessingElement>> pes;

 private:
  void on_clock();

  std::vector<PePipeline> pipelines_;
  const Lines& lines_;
};

}  // namespace lacuna::eie::systemc
