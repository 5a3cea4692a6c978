#include "models/eie/memory_job.h"

#include <algorithm>
#include <utility>

#include "models/common/clock_period.h"
#include "models/eie/capacity.h"
#include "models/memory/value_bytes.h"

namespace lacuna::eie {
namespace {

unsigned bits_of(std::uint32_t largest) {
  unsigned bits = 0;
  for (; largest != 0; largest >>= 1U) {
    ++bits;
  }
  return bits;
}

std::vector<std::uint64_t> constants_capacity(const Parameters& p) {
  return {p.pointer_capacity_bytes * 8 / p.pointer_width_bits,
          p.spmat_capacity_bytes * 8 / p.spmat_width_bits};
}
std::vector<std::uint64_t> constants_take(const PeNeeds& needs) {
  return {needs.pointers, needs.rows};
}
std::vector<std::uint64_t> items_capacity(const Parameters& p) {
  return {p.activation_sram_bytes * 8 / p.activation_width_bits};
}

}  // namespace

JobLayout::JobLayout(const Parameters& p)
    : codebook_entry_bytes(memory::bytes_of_bits(p.weight_value_width_bits)),
      activation_bytes(memory::bytes_of_bits(p.activation_width_bits)),
      pointer_bytes(memory::bytes_of_bits(p.pointer_width_bits)),
      row_bytes((p.spmat_width_bits + 7) / 8),
      entries_per_row(p.entries_per_spmat_row()),
      slot_bits(bits_of(entries_per_row - 1)),
      code_bits(p.codebook_index_bits),
      zero_bits(p.relative_index_bits) {}

PeNeeds PeNeeds::of(const Parameters& parameters, const LayerShape& shape, std::uint32_t row_batches,
                    std::uint64_t most_rows) {
  const auto per_pe = [&](std::uint64_t elements) {
    return (elements + parameters.pe_count - 1) / parameters.pe_count;
  };
  const BatchPlan plan = plan_batches(parameters, shape);
  PeNeeds needs;
  needs.pointers = std::uint64_t{shape.columns()} * row_batches + 1;
  needs.rows = most_rows;
  needs.inputs = per_pe(shape.inputs);
  needs.outputs = per_pe(shape.outputs);
  needs.batched = (plan.loads() ? needs.inputs : 0) + (plan.stores() ? needs.outputs : 0);
  return needs;
}

bool fits_beside(const Parameters& parameters, const PeNeeds& held, const PeNeeds& next) {
  return memory::fit(constants_take(held), constants_take(next), constants_capacity(parameters));
}

bool item_fits_beside(const Parameters& parameters, const PeNeeds& at_work, const PeNeeds& next) {
  return memory::fit({at_work.batched + at_work.outputs}, {next.inputs}, items_capacity(parameters));
}

JobBytes job_bytes(const Parameters& parameters, const LayerShape& shape, std::size_t codebook_entries,
                   std::uint32_t row_batches, const std::vector<std::uint64_t>& stored_entries) {
  const JobLayout layout(parameters);
  JobBytes bytes;
  bytes.codebook = codebook_entries * layout.codebook_entry_bytes;
  bytes.pointers =
      stored_entries.size() * (std::uint64_t{shape.columns()} * row_batches + 1) * layout.pointer_bytes;
  for (const std::uint64_t entries : stored_entries) {
    bytes.rows += layout.rows(entries) * layout.row_bytes;
  }
  bytes.input = shape.inputs * layout.activation_bytes;
  bytes.output = shape.outputs * layout.activation_bytes;
  return bytes;
}

memory::Machine memory_machine(const Parameters& parameters) {
  return {clock_period_ps(parameters.clock_mhz), constants_capacity(parameters), items_capacity(parameters)};
}

memory::Job memory_job(const Parameters& parameters, const LayerShape& shape, std::size_t codebook_entries,
                       std::uint32_t row_batches, const std::vector<std::uint64_t>& stored_entries,
                       std::vector<std::uint64_t> run_cycles) {
  const JobBytes bytes = job_bytes(parameters, shape, codebook_entries, row_batches, stored_entries);
  const std::uint64_t most_entries = *std::max_element(stored_entries.begin(), stored_entries.end());
  const PeNeeds needs = PeNeeds::of(parameters, shape, row_batches, JobLayout(parameters).rows(most_entries));
  memory::Job job;
  job.constants = {{memory::Phase::load_codebook, 0, bytes.codebook},
                   {memory::Phase::load_pointers, 0, bytes.pointers},
                   {memory::Phase::load_weights, 0, bytes.rows}};
  job.input_bytes = bytes.input;
  job.output_bytes = bytes.output;
  job.run_cycles = std::move(run_cycles);
  job.constants_take = constants_take(needs);
  job.item_takes = {needs.batched + needs.outputs};
  job.next_item_takes = {needs.inputs};
  return job;
}

}  // namespace lacuna::eie
