#include "models/eie/systemc/activation_rw.h"

#include <algorithm>
#include <cstddef>

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

void ActivationRw::begin_load(const ColumnBatch& batch) {
  batch_ = batch;
  load_cycles_done_ = 0;
  loaded_ = 0;
}

void ActivationRw::clock_load(PeEventCounts& events) {
  ++events[PeEvent::activation_sram_reads];
  ++load_cycles_done_;
  const std::uint64_t bits = load_cycles_done_ * context_->parameters->activation_sram_width_bits;
  const std::uint64_t arrived = bits / context_->parameters->activation_width_bits;
  const auto complete = static_cast<std::uint32_t>(std::min<std::uint64_t>(batch_.source_rows, arrived));
  for (; loaded_ < complete; ++loaded_) {
    source_[loaded_] = sram_input(batch_.first_source_row + loaded_);
    ++events[PeEvent::source_register_writes];
  }
}

void ActivationRw::finish_row_batch(std::uint32_t batch, bool stored, PeEventCounts& events) {
  const Parameters& parameters = *context_->parameters;
  const std::uint32_t outputs = context_->plan.row_batch_outputs[batch];
  const std::uint32_t entries = context_->entries_per_pe(outputs);
  const std::uint64_t first_row =
      std::uint64_t{batch} * parameters.register_file_entries * parameters.pe_count;
  for (std::uint32_t entry = 0; entry < entries; ++entry) {
    const std::uint64_t row_in_batch = std::uint64_t{entry} * parameters.pe_count + pe_;
    if (row_in_batch < outputs) {
      (*context_->outputs)[first_row + row_in_batch] =
          relu.apply(destination_[entry], *context_->layer, parameters.rounding, events);
    }
    destination_[entry] = 0;
  }
  if (stored) {
    events[PeEvent::destination_register_reads] += entries;
  }
}

}  // namespace lacuna::eie::systemc
