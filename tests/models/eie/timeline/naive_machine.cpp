#include "tests/models/eie/timeline/naive_machine.h"

#include <algorithm>

#include "models/common/fixed_point.h"
#include "tests/models/eie/timeline/naive_control.h"
#include "tests/models/eie/timeline/naive_pe.h"

namespace lacuna::test {
namespace {

using eie::CycleClass;
using eie::PeEvent;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

class NaiveMachine {
 public:
  NaiveMachine(const eie::Parameters& parameters, const eie::Layer& layer, const eie::MemoryImage& image,
               const std::vector<std::int32_t>& activations)
      : p_(parameters), layer_(layer), activations_(activations), pes_(parameters.pe_count) {
    for (const eie::PeMemory& memory : image.pes) {
      pe_.emplace_back(parameters, layer, memory);
    }
  }

  eie::RunResult run() {
    const std::uint64_t source_rows = ceil_div(layer_.inputs(), pes_);
    const std::uint64_t held = p_.register_file_entries;
    const std::uint64_t rows_at_once = held == 0 ? source_rows : held;
    const std::uint64_t outputs_at_once = held == 0 ? layer_.outputs() : held * pes_;
    const bool loads = source_rows > rows_at_once;
    const bool stores = layer_.outputs() > outputs_at_once;
    result_.outputs.resize(layer_.outputs());

    for (std::uint64_t first = 0; first < layer_.outputs(); first += outputs_at_once) {
      const std::uint64_t outputs = std::min(outputs_at_once, layer_.outputs() - first);
      for (NaivePe& pe : pe_) {
        pe.begin_row_batch(ceil_div(outputs, pes_));
      }
      for (std::uint64_t row = 0; row < source_rows; row += rows_at_once) {
        const std::uint64_t rows = std::min(rows_at_once, source_rows - row);
        const bool last = row + rows == source_rows;
        if (loads) {
          load(rows);
        }
        const bool ends_run = last && !stores && first + outputs == layer_.outputs();
        compute(row, rows, last && layer_.has_bias, first / outputs_at_once, ends_run);
      }
      if (stores) {
        store(ceil_div(outputs, pes_));
      }
      read_out(first, outputs);
    }
    for (NaivePe& pe : pe_) {
      result_.pes.push_back(pe.result());
    }
    return result_;
  }

 private:
  void load(std::uint64_t entries) {
    const std::uint64_t cycles = ceil_div(entries * p_.activation_width_bits, p_.activation_sram_width_bits);
    for (NaivePe& pe : pe_) {
      pe.result().cycles[CycleClass::batch_load] += cycles;
      pe.result().events[PeEvent::activation_sram_reads] += cycles;
      pe.result().events[PeEvent::source_register_writes] += entries;
    }
    result_.cycles += cycles;
  }

  void store(std::uint64_t entries) {
    const std::uint64_t cycles = ceil_div(entries * p_.activation_width_bits, p_.activation_sram_width_bits);
    for (NaivePe& pe : pe_) {
      pe.result().cycles[CycleClass::batch_store] += cycles;
      pe.result().events[PeEvent::activation_sram_writes] += cycles;
      pe.result().events[PeEvent::destination_register_reads] += entries;
    }
    result_.cycles += cycles;
  }

  void read_out(std::uint64_t first, std::uint64_t outputs) {
    for (std::uint64_t i = 0; i < outputs; ++i) {
      NaivePe& pe = pe_[i % pes_];
      std::int64_t value =
          convert(pe.destination(i / pes_), layer_.formats.accumulator, layer_.formats.output, p_.rounding);
      if (layer_.relu) {
        value = std::max<std::int64_t>(value, 0);
        ++pe.result().events[PeEvent::relu_operations];
      }
      result_.outputs[first + i] = static_cast<std::int32_t>(value);
    }
  }

  /// Whether every queue has room, at the start of a cycle.
  bool any_queue_full() const {
    return std::any_of(pe_.begin(), pe_.end(), [](const NaivePe& pe) { return pe.queue_full(); });
  }
  bool all_empty() const {
    return std::all_of(pe_.begin(), pe_.end(), [](const NaivePe& pe) { return pe.empty(); });
  }

  void compute(std::uint64_t first_row, std::uint64_t rows, bool bias, std::uint64_t row_batch,
               bool ends_run) {
    NaiveControl control(p_, layer_, activations_, first_row, rows, bias, row_batch);
    for (NaivePe& pe : pe_) {
      pe.begin_compute_phase();
    }
    std::vector<std::vector<CycleClass>> classes(pe_.size());
    std::uint64_t write_end = 0;  // W + 1
    std::uint64_t cycle = 0;
    for (; !(control.done_cycles() >= 2 && all_empty()); ++cycle) {
      const NaiveControl::Output out = control.cycle(cycle, any_queue_full());
      for (std::size_t i = 0; i < pe_.size(); ++i) {
        classes[i].push_back(pe_[i].cycle(out.sends ? &out.message : nullptr, out.cause));
        if (pe_[i].wrote_entry()) {
          write_end = cycle + 1;
        }
      }
    }
    const std::uint64_t counted = ends_run ? std::max(write_end, control.first_done_cycle() + 2) : cycle;
    for (std::size_t i = 0; i < pe_.size(); ++i) {
      for (std::uint64_t c = 0; c < counted; ++c) {
        ++pe_[i].result().cycles[classes[i][c]];
      }
      pe_[i].result().events[PeEvent::source_register_reads] += control.source_rows_loaded();
    }
    result_.cycles += counted;
    result_.control += control.events();
  }

  const eie::Parameters& p_;
  const eie::Layer& layer_;
  const std::vector<std::int32_t>& activations_;
  std::uint64_t pes_;
  std::vector<NaivePe> pe_;
  eie::RunResult result_;
};

}  // namespace

eie::RunResult run_naive_machine(const eie::Parameters& parameters, const eie::Layer& layer,
                                 const eie::MemoryImage& image,
                                 const std::vector<std::int32_t>& activations) {
  return NaiveMachine(parameters, layer, image, activations).run();
}

}  // namespace lacuna::test
