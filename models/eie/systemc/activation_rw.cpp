#include "models/eie/systemc/activation_rw.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace lacuna::eie::systemc {

void ActivationRw::reset(const RunContext& context) {
  context_ = &context;
  destination_.assign(std::size_t{context.entries_per_pe(context.plan.row_batch_outputs.front())} + 1, 0);
  const ColumnBatch& first = context.plan.column_batches.front();
  source_.assign(first.source_rows, 0);
  if (!context.plan.loads()) {
    for (std::uint32_t entry = 0; entry < first.source_rows; ++entry) {
      source_[entry] = sram_input(entry);
    }
  }
}

std::int32_t ActivationRw::sram_input(std::uint32_t local) const {
  const std::uint64_t index = std::uint64_t{local} * context_->parameters->pe_count + pe_;
  return index < context_->activations->size() ? (*context_->activations)[index] : 0;
}

// Loads and stores
// ------------------------------------------------------------------------------------------------------------

void ActivationRw::begin_transfer(std::uint32_t entries) {
  entries_ = entries;
  words_moved_ = 0;
  entries_moved_ = 0;
}

void ActivationRw::begin_load(const ColumnBatch& batch) {
  first_source_row_ = batch.first_source_row;
  begin_transfer(batch.source_rows);
}

void ActivationRw::clock_load(PeEventCounts& events) {
  ++events[PeEvent::activation_sram_reads];
  ++words_moved_;
  // An activation has arrived with its last bit.
  const std::uint64_t bits = words_moved_ * context_->parameters->activation_sram_width_bits;
  const std::uint64_t arrived = bits / context_->parameters->activation_width_bits;
  for (; entries_moved_ < std::min<std::uint64_t>(entries_, arrived); ++entries_moved_) {
    source_[entries_moved_] = sram_input(first_source_row_ + entries_moved_);
    ++events[PeEvent::source_register_writes];
  }
}

void ActivationRw::begin_store(std::uint32_t row_batch) {
  begin_row_batch(row_batch);
  begin_transfer(context_->entries_per_pe(row_batch_outputs_));
}

void ActivationRw::clock_store(PeEventCounts& events) {
  ++events[PeEvent::activation_sram_writes];
  ++words_moved_;
  // A result leaves its register with its first bit; what does not fit into the word waits for the next one.
  const std::uint64_t bits = words_moved_ * context_->parameters->activation_sram_width_bits;
  const std::uint32_t width = context_->parameters->activation_width_bits;
  const std::uint64_t begun = (bits + width - 1) / width;
  for (; entries_moved_ < std::min<std::uint64_t>(entries_, begun); ++entries_moved_) {
    release_result(entries_moved_, events);
    ++events[PeEvent::destination_register_reads];
  }
}

void ActivationRw::trace(sc_core::sc_trace_file* file) const {
  const std::string prefix = std::string(name()) + ".";
  sc_core::sc_trace(file, words_moved_, prefix + "words_moved");
  sc_core::sc_trace(file, entries_moved_, prefix + "entries_moved");
}

// Results
// ------------------------------------------------------------------------------------------------------------

void ActivationRw::begin_row_batch(std::uint32_t row_batch) {
  const Parameters& parameters = *context_->parameters;
  row_batch_outputs_ = context_->plan.row_batch_outputs[row_batch];
  row_batch_first_row_ = std::uint64_t{row_batch} * parameters.register_file_entries * parameters.pe_count;
}

void ActivationRw::finish_row_batch(std::uint32_t row_batch, PeEventCounts& events) {
  begin_row_batch(row_batch);
  for (std::uint32_t entry = 0; entry < context_->entries_per_pe(row_batch_outputs_); ++entry) {
    release_result(entry, events);
  }
}

void ActivationRw::release_result(std::uint32_t entry, PeEventCounts& events) {
  const std::uint64_t row_in_batch = std::uint64_t{entry} * context_->parameters->pe_count + pe_;
  if (row_in_batch < row_batch_outputs_) {
    (*context_->outputs)[row_batch_first_row_ + row_in_batch] =
        relu.apply(destination_[entry], *context_->layer, context_->parameters->rounding, events);
  }
  destination_[entry] = 0;
}

}  // namespace lacuna::eie::systemc
