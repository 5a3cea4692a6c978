#include "tests/models/eie/timeline/naive_machine.h"

#include <algorithm>

#include "models/common/fixed_point.h"
#include "tests/models/eie/timeline/naive_pe.h"

namespace lacuna::test {
namespace {

using eie::ControlEvent;
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

  /// Value of position q of source row r; `bias` marks the row that the CCU makes.
  std::int64_t source(std::uint64_t r, std::uint64_t q, bool bias) const {
    if (bias) {
      return q == 0 ? quantise(1.0, layer_.formats.activation) : 0;
    }
    const std::uint64_t j = r * pes_ + q;
    return j < activations_.size() ? activations_[j] : 0;
  }

  bool is_nonzero(std::int64_t value) const {
    return p_.nonzero_detection == eie::NonzeroDetection::positive ? value > 0 : value != 0;
  }

  void compute(std::uint64_t first_row, std::uint64_t rows, bool bias, std::uint64_t row_batch,
               bool ends_run) {
    std::uint64_t levels = 0;
    std::uint64_t nodes = 0;
    for (std::uint64_t width = pes_; width > 1; width = ceil_div(width, 4)) {
      ++levels;
      nodes += ceil_div(width, 4);
    }
    const std::uint64_t fill = p_.lnzd_latency_cycles * levels;
    const std::uint64_t all_rows = rows + (bias ? 1 : 0);
    for (NaivePe& pe : pe_) {
      pe.begin_compute_phase();
    }

    std::vector<std::vector<CycleClass>> classes(pe_.size());
    std::uint64_t loaded = 0;
    std::uint64_t position = 0;
    bool scan_done = false;
    std::uint64_t done_cycles = 0;  // cycles so far with scan_done = 1
    std::uint64_t write_end = 0;    // W + 1
    std::uint64_t scan_end = 0;     // C
    const auto load_row_or_finish = [&] {
      position = 0;
      if (loaded == all_rows) {
        scan_done = true;
        return;
      }
      ++loaded;
      ++result_.control[ControlEvent::row_loads];
      if (!(bias && loaded == all_rows)) {
        for (NaivePe& pe : pe_) {
          ++pe.result().events[PeEvent::source_register_reads];
        }
      }
    };

    std::uint64_t cycle = 0;
    for (;; ++cycle) {
      const bool all_empty =
          std::all_of(pe_.begin(), pe_.end(), [](const NaivePe& pe) { return pe.empty(); });
      if (done_cycles >= 2 && all_empty) {
        break;
      }
      CycleClass cause = CycleClass::starved;
      bool sends = false;
      NaivePe::Message message{};
      const bool done_at_start = scan_done;
      if (scan_done) {
        cause = CycleClass::drain;
        ++done_cycles;
      } else if (cycle == fill) {
        load_row_or_finish();
      } else if (cycle > fill) {
        ++result_.control[ControlEvent::scan_cycles];
        result_.control[ControlEvent::lnzd_node_evaluations] += nodes;
        const std::uint64_t row = first_row + loaded - 1;
        const bool is_bias = bias && loaded == all_rows;
        while (position < pes_ && !is_nonzero(source(row, position, is_bias))) {
          ++position;
        }
        const bool full =
            std::any_of(pe_.begin(), pe_.end(), [](const NaivePe& pe) { return pe.queue_full(); });
        if (position == pes_) {
          load_row_or_finish();
        } else if (full) {
          cause = CycleClass::queue_full;
          ++result_.control[ControlEvent::blocked_cycles];
        } else {
          const std::uint64_t column = is_bias ? layer_.inputs() : row * pes_ + position;
          message = {static_cast<std::uint32_t>(row_batch * layer_.matrix.columns + column),
                     source(row, position, is_bias)};
          sends = true;
          ++result_.control[ControlEvent::broadcasts];
          if (++position == pes_) {
            load_row_or_finish();
          }
        }
      }
      for (std::size_t i = 0; i < pe_.size(); ++i) {
        classes[i].push_back(pe_[i].cycle(sends ? &message : nullptr, cause));
        if (pe_[i].wrote_entry()) {
          write_end = cycle + 1;
        }
      }
      if (scan_done && !done_at_start) {
        scan_end = cycle + 1;
      }
    }

    const std::uint64_t counted = ends_run ? std::max(write_end, scan_end + 2) : cycle;
    for (std::size_t i = 0; i < pe_.size(); ++i) {
      for (std::uint64_t c = 0; c < counted; ++c) {
        ++pe_[i].result().cycles[classes[i][c]];
      }
    }
    result_.cycles += counted;
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
