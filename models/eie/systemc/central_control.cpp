#include "models/eie/systemc/central_control.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lacuna::eie::systemc {

CentralControl::CentralControl(const sc_core::sc_module_name& name, const Parameters& parameters,
                               Lines& lines, std::vector<ProcessingElement*> pes)
    : sc_module(name),
      clock("clock"),
      reset("reset"),
      lnzd("LNZD", parameters.pe_count),
      parameters_(parameters),
      lines_(lines),
      pes_(std::move(pes)),
      row_values_(parameters.pe_count) {
  SC_METHOD(settle);
  sensitive << clock.neg();
  dont_initialize();
  SC_METHOD(take_request);
  sensitive << request_;
  dont_initialize();
}

void CentralControl::request_run(const RunContext& context, Begin begin) {
  context_ = &context;
  begin_ = begin;
  running_ = true;
  request_.notify(sc_core::SC_ZERO_TIME);
}

void CentralControl::take_request() {
  starting_ = true;
  for (ProcessingElement* pe : pes_) {
    pe->reset(*context_);
  }
  events_ = {};
  lines_ = {};
  cycle_ = 0;
  run_cycles_ = 0;
  drained_cycle_ = 0;
  row_batch_ = 0;
  samples_.clear();
  next_sample_ = first_sample_;
  if (begin_ == Begin::this_edge) {
    settle();
  }
}

void CentralControl::abandon_run() {
  lines_ = {};
  running_ = false;
}

void CentralControl::settle() {
  if (reset.read()) {
    if (lines_.phase != Phase::idle) {
      abandon_run();
    }
    return;
  }
  if (starting_) {
    starting_ = false;
    begin_row_batch();
  } else if (lines_.phase != Phase::idle && phase_over()) {
    next_phase();
  }
  lines_.cycle = cycle_;
  switch (lines_.phase) {
    case Phase::idle:
      return;
    case Phase::load:
    case Phase::store:
      --remaining_;
      break;
    case Phase::compute:
      scan();
      break;
  }
  if (observer_ != nullptr) {
    report_cycle();
  }
  if (cycle_ == next_sample_) {
    take_sample();
  }
  ++cycle_;
}

void CentralControl::sample_classes(std::uint64_t first, std::optional<std::uint64_t> period,
                                    std::size_t most) {
  first_sample_ = period ? first : never;
  sample_period_ = period.value_or(0);
  most_samples_ = most;
}

/// The rising edges so far have counted the cycles before this one.
void CentralControl::take_sample() {
  CycleClassCounts& sum = samples_.emplace_back();
  for (const ProcessingElement* pe : pes_) {
    sum += pe->cycle_classes();
  }
  next_sample_ = samples_.size() < most_samples_ ? cycle_ + sample_period_ : never;
}

void CentralControl::report_cycle() {
  occupancies_.clear();
  for (const ProcessingElement* pe : pes_) {
    occupancies_.push_back(pe->pipeline.queue.occupancy());
  }
  observer_->occupancies(CycleNumber(cycle_), occupancies_);
  if (lines_.broadcast) {
    observer_->broadcast(CycleNumber(cycle_), ColumnNumber(lines_.column), lines_.value);
  }
}

void CentralControl::trace(sc_core::sc_trace_file* file) const {
  const std::string prefix = std::string(name()) + ".";
  sc_core::sc_trace(file, reinterpret_cast<const std::uint8_t&>(lines_.phase), prefix + "phase");
  sc_core::sc_trace(file, lines_.broadcast, prefix + "broadcast");
  sc_core::sc_trace(file, lines_.column, prefix + "column");
  sc_core::sc_trace(file, lines_.value, prefix + "value");
  sc_core::sc_trace(file, lines_.full_queues, prefix + "full_queues");
  sc_core::sc_trace(file, row_, prefix + "rows_loaded");
  sc_core::sc_trace(file, position_, prefix + "position");
  sc_core::sc_trace(file, scan_done_, prefix + "scan_done");
}

// Phases
// ------------------------------------------------------------------------------------------------------------

bool CentralControl::phase_over() const {
  if (lines_.phase == Phase::compute) {
    return scan_done_ && cycle_ >= scan_done_cycle_ + 2 && lines_.active_pes == 0;
  }
  return remaining_ == 0;
}

void CentralControl::next_phase() {
  if (lines_.phase == Phase::load) {
    begin_compute();
    return;
  }
  if (lines_.phase == Phase::compute) {
    if (++column_batch_ < context_->plan.column_batches.size()) {
      begin_column_batch();
      return;
    }
    if (context_->plan.stores()) {
      begin_store();
      return;
    }
    for (ProcessingElement* pe : pes_) {
      pe->activation_rw.finish_row_batch(row_batch_, pe->events());
    }
  }
  if (++row_batch_ < context_->plan.row_batch_outputs.size()) {
    begin_row_batch();
    return;
  }
  finish();
}

void CentralControl::begin_row_batch() {
  column_batch_ = 0;
  begin_column_batch();
}

void CentralControl::begin_column_batch() {
  if (!context_->plan.loads()) {
    begin_compute();
    return;
  }
  const ColumnBatch& batch = context_->plan.column_batches[column_batch_];
  lines_.phase = Phase::load;
  lines_.broadcast = false;
  remaining_ = context_->transfer_cycles(batch.source_rows);
  for (ProcessingElement* pe : pes_) {
    pe->activation_rw.begin_load(batch);
  }
}

void CentralControl::begin_compute() {
  lines_.phase = Phase::compute;
  lnzd_wait_ = std::uint64_t{parameters_.lnzd_latency_cycles} * lnzd.levels();
  row_valid_ = false;
  row_ = 0;
  scan_done_ = false;
}

void CentralControl::begin_store() {
  lines_.phase = Phase::store;
  lines_.broadcast = false;
  remaining_ =
      context_->transfer_cycles(context_->entries_per_pe(context_->plan.row_batch_outputs[row_batch_]));
  for (ProcessingElement* pe : pes_) {
    pe->activation_rw.begin_store(row_batch_);
  }
}

void CentralControl::finish() {
  drained_cycle_ = cycle_;
  run_cycles_ = cycle_;
  if (lines_.phase == Phase::compute) {
    run_cycles_ = scan_done_cycle_ + 2;
    for (const ProcessingElement* pe : pes_) {
      run_cycles_ = std::max(run_cycles_, pe->last_write_cycle() + 1);
    }
  }
  lines_.phase = Phase::idle;
  lines_.broadcast = false;
  running_ = false;
  ended_at_ = sc_core::sc_time_stamp();
  done_.notify(sc_core::SC_ZERO_TIME);
}

// Scan
// --------------------------------------------------------------------------------------------------------------

void CentralControl::scan() {
  lines_.broadcast = false;
  lines_.cause = scan_done_ ? CycleClass::drain : CycleClass::starved;
  if (scan_done_) {
    return;
  }
  if (lnzd_wait_ > 0) {
    --lnzd_wait_;
    return;
  }
  if (!row_valid_) {
    load_next_row();
    return;
  }
  ++events_[ControlEvent::scan_cycles];
  events_[ControlEvent::lnzd_node_evaluations] += lnzd.nodes();
  const std::uint32_t found = lnzd.find(position_);
  if (found == parameters_.pe_count) {
    load_next_row();
  } else if (lines_.full_queues != 0) {
    lines_.cause = CycleClass::queue_full;
    ++events_[ControlEvent::blocked_cycles];
  } else {
    send(found);
  }
}

void CentralControl::send(std::uint32_t position) {
  const ColumnBatch& batch = context_->plan.column_batches[column_batch_];
  const std::uint32_t loaded_row = row_ - 1;
  const bool bias = loaded_row == batch.source_rows;
  const std::uint32_t column = bias ? context_->layer->inputs()
                                    : (batch.first_source_row + loaded_row) * parameters_.pe_count + position;
  lines_.broadcast = true;
  lines_.column = row_batch_ * context_->image->columns + column;
  lines_.value = row_values_[position];
  ++events_[ControlEvent::broadcasts];
  position_ = position + 1;
  if (position_ == parameters_.pe_count) {
    load_next_row();
  }
}

void CentralControl::load_next_row() {
  const ColumnBatch& batch = context_->plan.column_batches[column_batch_];
  position_ = 0;
  if (row_ == rows_in_batch()) {
    scan_done_ = true;
    scan_done_cycle_ = cycle_ + 1;
    return;
  }
  lnzd.clear_flags();
  if (row_ == batch.source_rows) {
    load_bias_row();
  } else {
    load_row(row_);
  }
  row_valid_ = true;
  ++row_;
  ++events_[ControlEvent::row_loads];
}

void CentralControl::load_row(std::uint32_t row_in_batch) {
  for (std::uint32_t position = 0; position < parameters_.pe_count; ++position) {
    ProcessingElement& pe = *pes_[position];
    const std::int32_t value = pe.activation_rw.read_source(row_in_batch, pe.events());
    row_values_[position] = value;
    if (counts_as_nonzero(value, parameters_.nonzero_detection)) {
      lnzd.set_flag(position);
    }
  }
}

void CentralControl::load_bias_row() {
  std::fill(row_values_.begin(), row_values_.end(), 0);
  row_values_[0] = context_->layer->formats.bias_activation();
  lnzd.set_flag(0);
}

std::uint32_t CentralControl::rows_in_batch() const {
  const ColumnBatch& batch = context_->plan.column_batches[column_batch_];
  return batch.source_rows + (batch.bias_row ? 1U : 0U);
}

}  // namespace lacuna::eie::systemc
