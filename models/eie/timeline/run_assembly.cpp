#include "models/eie/timeline/run_assembly.h"

namespace lacuna::eie {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

/// Nodes of the LNZD quadtree.
std::uint64_t lnzd_nodes(std::uint32_t pe_count) {
  std::uint64_t nodes = 0;
  for (std::uint64_t children = pe_count; children > 1;) {
    children = ceil_div(children, 4);
    nodes += children;
  }
  return nodes;
}

}  // namespace

RunAssembly::RunAssembly(const Parameters& parameters, const LayerShape& shape, const Broadcasts& broadcasts)
    : parameters_(parameters),
      shape_(shape),
      broadcasts_(broadcasts),
      plan_(plan_batches(parameters, shape)),
      row_batches_(plan_.row_batch_outputs.size()) {
  result_.pes.resize(parameters.pe_count);
  set_batch_events();
}

void RunAssembly::set_batch_events() {
  std::uint64_t source_rows = 0;
  std::uint64_t load_cycles = 0;
  for (const ColumnBatch& batch : plan_.column_batches) {
    source_rows += batch.source_rows;
    load_cycles += transfer_cycles(parameters_, batch.source_rows);
  }
  batches_.events[PeEvent::source_register_reads] = row_batches_ * source_rows;
  if (plan_.loads()) {
    batches_.cycles[CycleClass::batch_load] = row_batches_ * load_cycles;
    batches_.events[PeEvent::activation_sram_reads] = row_batches_ * load_cycles;
    batches_.events[PeEvent::source_register_writes] = row_batches_ * source_rows;
  }
  if (plan_.stores()) {
    for (const std::uint32_t outputs : plan_.row_batch_outputs) {
      const std::uint64_t entries = ceil_div(outputs, parameters_.pe_count);
      batches_.events[PeEvent::destination_register_reads] += entries;
      batches_.cycles[CycleClass::batch_store] += transfer_cycles(parameters_, entries);
    }
    batches_.events[PeEvent::activation_sram_writes] = batches_.cycles[CycleClass::batch_store];
  }
}

void RunAssembly::add(const PhaseTimeline& timeline) {
  const LaneTotals& totals = timeline.totals();
  blocked_cycles_ += totals.blocked_cycles;
  for (std::size_t pe = 0; pe < result_.pes.size(); ++pe) {
    PeResult& result = result_.pes[pe];
    result.cycles[CycleClass::queue_full] += totals.queue_full[pe];
    result.cycles[CycleClass::drain] += totals.drain[pe];
    result.cycles[CycleClass::hazard] += timeline.hazards()[pe];
    // Occupied cycles behind the run's end are lookups of empty columns; `set_pe` adds all of those.
    result.cycles[CycleClass::pointer] -= totals.uncounted[pe];
    result.events[PeEvent::accumulator_bypasses] += totals.bypasses[pe];
  }
}

void RunAssembly::add_row_reads(const std::vector<std::uint64_t>& reads) {
  for (std::size_t pe = 0; pe < result_.pes.size(); ++pe) {
    result_.pes[pe].events[PeEvent::spmat_row_reads] += reads[pe];
  }
}

void RunAssembly::set_pe(std::size_t pe, const EntrySums& sums) {
  PeResult& result = result_.pes[pe];
  const std::uint64_t columns = row_batches_ * broadcasts_.columns.size();
  const std::uint64_t real = sums.entries[pe] - sums.padding[pe];

  result.cycles += batches_.cycles;
  result.cycles[CycleClass::busy] = sums.entries[pe];
  result.cycles[CycleClass::pointer] += parameters_.pointer_prefetch ? sums.empty_columns[pe] : columns;
  // What is left of the compute phases are bubbles behind a scan that found nothing in time.
  std::uint64_t classified = 0;
  for (const CycleClass c : {CycleClass::busy, CycleClass::queue_full, CycleClass::pointer,
                             CycleClass::hazard, CycleClass::drain}) {
    classified += result.cycles[c];
  }
  result.cycles[CycleClass::starved] = compute_cycles_ - classified;

  PeEventCounts& events = result.events;
  events += batches_.events;
  events[PeEvent::queue_pushes] = columns;
  events[PeEvent::queue_pops] = columns;
  events[PeEvent::pointer_reads] = columns;
  events[PeEvent::spmat_row_reuses] = sums.entries[pe] - events[PeEvent::spmat_row_reads];
  events[PeEvent::codebook_reads] = real;
  events[PeEvent::multiplies] = real;
  events[PeEvent::padding_entries] = sums.padding[pe];
  events[PeEvent::accumulator_reads] = real - events[PeEvent::accumulator_bypasses];
  events[PeEvent::accumulator_writes] = real;
  if (shape_.relu) {
    const std::uint32_t pes = parameters_.pe_count;
    events[PeEvent::relu_operations] = shape_.outputs / pes + (pe < shape_.outputs % pes ? 1U : 0U);
  }
}

void RunAssembly::set_control() {
  ControlEventCounts& control = result_.control;
  std::uint64_t scan_cycles = 0;
  std::uint64_t rows = 0;
  for (const ScannedBatch& batch : broadcasts_.batches) {
    scan_cycles += batch.scan_cycles;
    rows += batch.scan_rows();
  }
  control[ControlEvent::broadcasts] = row_batches_ * broadcasts_.columns.size();
  control[ControlEvent::blocked_cycles] = blocked_cycles_;
  control[ControlEvent::row_loads] = row_batches_ * rows;
  control[ControlEvent::scan_cycles] = row_batches_ * scan_cycles + blocked_cycles_;
  control[ControlEvent::lnzd_node_evaluations] =
      control[ControlEvent::scan_cycles] * lnzd_nodes(parameters_.pe_count);
}

RunResult RunAssembly::finish(const EntrySums& sums) {
  for (std::size_t pe = 0; pe < result_.pes.size(); ++pe) {
    set_pe(pe, sums);
  }
  set_control();
  result_.cycles =
      compute_cycles_ + batches_.cycles[CycleClass::batch_load] + batches_.cycles[CycleClass::batch_store];
  return std::move(result_);
}

}  // namespace lacuna::eie
