#include "models/eie/timeline/interval_classes.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/timeline/phase_timeline.h"

namespace lacuna::eie {
namespace {

/// Of the compute phase.
using Cycle = std::int64_t;

/// A slice of a compute phase that is a whole phase.
struct Phase {
  SliceColumns columns;
  const std::uint32_t* gaps;
  const SliceSchedule* schedule;
  std::uint32_t end_gap;
  bool ends_run;
};

/// When the control unit finds no broadcast, and why: blocked from `found` to before `sent`, draining from
/// `scan_done` on.
struct Control {
  Cycle found = 0;
  Cycle sent = 0;
  Cycle scan_done = std::numeric_limits<Cycle>::max() / 2;

  CycleClass cause(Cycle cycle) const {
    const bool blocked = cycle >= found && cycle < sent;
    return cycle >= scan_done ? CycleClass::drain : blocked ? CycleClass::queue_full : CycleClass::starved;
  }
};

/// One PE in a compute phase. A hold freezes its front end: its time has holes, cycles in which PtrRead does
/// nothing (see Interlock).
struct Pe {
  Cycle last_occupied = -1;
  std::vector<Cycle> holes;  ///< behind `last_occupied`

  bool has_hole(Cycle cycle) const { return std::find(holes.begin(), holes.end(), cycle) != holes.end(); }
  /// The PE's own cycle that is `count` of them behind (or, if negative, before) `cycle`.
  Cycle step(Cycle cycle, int count) const {
    const int direction = count < 0 ? -1 : 1;
    for (; count != 0; count -= direction) {
      do {
        cycle += direction;
      } while (has_hole(cycle));
    }
    return cycle;
  }
  void forget_holes_until(Cycle cycle) {
    holes.erase(std::remove_if(holes.begin(), holes.end(), [cycle](Cycle hole) { return hole <= cycle; }),
                holes.end());
  }
};

class PhaseClasses {
 public:
  PhaseClasses(const Parameters& parameters, const ColumnCounts& counts, const ClassTimes& times)
      : parameters_(parameters), counts_(counts), times_(times) {}

  /// Notes the classes of a phase that begins in this cycle of the run; returns its length.
  std::uint64_t add(const Phase& phase, std::uint64_t start) {
    start_ = start;
    // What PEs look up behind the end of a run is not counted, and where that is only the whole phase shows.
    counted_ = 0;
    const Cycle end = follow(phase);
    counted_ = end;
    follow(phase);
    return static_cast<std::uint64_t>(counted_);
  }

 private:
  Cycle follow(const Phase& phase) {
    pes_.assign(parameters_.pe_count, {});
    last_write_ = -1;
    std::vector<Cycle> room_from(parameters_.queue_depth_entries, 0);
    Control control;
    control.sent = static_cast<Cycle>(lnzd_fill_cycles(parameters_));
    for (std::size_t k = 0; k < phase.columns.size; ++k) {
      Cycle& room = room_from[k % room_from.size()];
      control.found = control.sent + phase.gaps[k];
      control.sent = std::max(control.found, room);
      room = pass_all(phase, k, control) + 1;
    }
    control.found = control.sent;
    control.scan_done = control.sent + phase.end_gap;
    const Cycle end = end_of(phase, control);
    for (const Pe& pe : pes_) {
      add_bubbles(pe, end, control);
    }
    return end;
  }

  Cycle end_of(const Phase& phase, const Control& control) const {
    Cycle end = std::max(last_write_ + 1, control.scan_done + 2);
    for (const Pe& pe : pes_) {
      end = phase.ends_run ? end : std::max(end, pe.last_occupied + 1);
    }
    return end;
  }

  /// One broadcast; returns the latest cycle in which a PE takes it from its queue.
  Cycle pass_all(const Phase& phase, std::size_t k, const Control& control) {
    const SliceSchedule& schedule = *phase.schedule;
    const auto meeting = schedule.meeting_pes.begin() + schedule.meeting_starts[k];
    const auto meetings_end = schedule.meeting_pes.begin() + schedule.meeting_starts[k + 1];
    const bool holds = parameters_.pointer_prefetch && !parameters_.arithmetic_bypass;
    Cycle latest = 0;
    for (std::uint32_t i = 0; i < parameters_.pe_count; ++i) {
      Pe& pe = pes_[i];
      const bool hazard = holds && pe.last_occupied > control.sent &&
                          std::find(meeting, meetings_end, static_cast<std::uint16_t>(i)) != meetings_end;
      const std::uint32_t entries =
          counts_.entries_at(static_cast<std::uint32_t>(phase.columns.image_column(k)), i);
      latest = std::max(latest, pass(pe, control, entries, hazard));
    }
    return latest;
  }

  /// One broadcast in one PE; returns the cycle in which it is taken from the queue.
  Cycle pass(Pe& pe, const Control& control, std::uint32_t entries, bool hazard) {
    Cycle pop = std::max(control.sent + 1, pe.last_occupied);
    while (pe.has_hole(pop)) {
      ++pop;
    }
    add_entry(pe, control.sent, pop);
    add_bubbles(pe, pop + 1, control);
    if (hazard) {
      pe.holes.push_back(pe.step(pop, 2) + 1);
    }
    Cycle last = pop;
    if (!parameters_.pointer_prefetch || entries == 0) {
      last = add_occupied(pe, last, CycleClass::pointer);
    }
    if (pe.holes.empty()) {
      add(pe, CycleClass::busy, last + 1, last + 1 + entries);
      last += entries;
    } else {
      for (std::uint32_t entry = 0; entry < entries; ++entry) {
        last = add_occupied(pe, last, CycleClass::busy);
      }
    }
    if (entries != 0) {
      // An entry issued in cycle i is written in cycle i + 5; holes move the first two steps.
      last_write_ = std::max(last_write_, pe.step(last, 2) + 3);
    }
    pe.last_occupied = last;
    pe.forget_holes_until(last);
    return pop;
  }

  /// PtrRead's next own cycle behind `last`, which is returned, and the holes before it.
  Cycle add_occupied(const Pe& pe, Cycle last, CycleClass cycle_class) {
    const Cycle next = pe.step(last, 1);
    add(pe, CycleClass::hazard, last + 1, next);
    add(pe, cycle_class, next, next + 1);
    return next;
  }

  /// What PtrRead does without a column, from its last occupied cycle to before `end`. A bubble is loaded in
  /// the PE's own cycle before, with the cause of the control unit's cycle before that one.
  void add_bubbles(const Pe& pe, Cycle end, const Control& control) {
    const Cycle first = pe.last_occupied + 1;
    if (!pe.holes.empty()) {
      for (Cycle cycle = first; cycle < end; ++cycle) {
        add(pe, pe.has_hole(cycle) ? CycleClass::hazard : control.cause(pe.step(cycle, -1) - 1), cycle,
            cycle + 1);
      }
      return;
    }
    const Cycle last = std::max(first, end);
    const Cycle blocked = std::clamp(control.found + 2, first, last);
    const Cycle unblocked = std::clamp(control.sent + 2, blocked, last);
    const Cycle drains = std::clamp(control.scan_done + 2, unblocked, last);
    add(pe, CycleClass::starved, first, blocked);
    add(pe, CycleClass::queue_full, blocked, unblocked);
    add(pe, CycleClass::starved, unblocked, drains);
    add(pe, CycleClass::drain, drains, end);
  }

  void add(const Pe& pe, CycleClass cycle_class, Cycle first, Cycle end) {
    end = std::min(end, counted_);
    if (first >= end) {
      return;
    }
    const std::uint64_t from = start_ + static_cast<std::uint64_t>(first);
    const std::uint64_t to = start_ + static_cast<std::uint64_t>(end);
    const std::size_t lane = number(pe);
    if (times_.intervals != nullptr) {
      times_.intervals->add(cycle_class, from, to);
      if (cycle_class == CycleClass::busy) {
        times_.intervals->add_busy(lane, from, to);
      }
    }
    if (times_.trace != nullptr) {
      times_.trace->add_class(lane, static_cast<std::size_t>(cycle_class), from, to);
    }
  }

  /// A column is in the PE's queue from the cycle behind its broadcast until it is taken.
  void add_entry(const Pe& pe, Cycle sent, Cycle pop) {
    if (times_.trace != nullptr && sent < counted_) {
      times_.trace->add_entry(number(pe), start_ + static_cast<std::uint64_t>(sent + 1),
                              start_ + static_cast<std::uint64_t>(std::min(pop + 1, counted_)));
    }
  }

  std::size_t number(const Pe& pe) const { return static_cast<std::size_t>(&pe - pes_.data()); }

  const Parameters& parameters_;
  const ColumnCounts& counts_;
  const ClassTimes& times_;
  std::uint64_t start_ = 0;
  Cycle counted_ = 0;
  std::vector<Pe> pes_;
  Cycle last_write_ = -1;
};

}  // namespace

void note_class_times(const Parameters& parameters, const ColumnCounts& counts, const Schedule& schedule,
                      const ClassTimes& times) {
  const LayerShape& shape = schedule.shape();
  const Broadcasts& broadcasts = schedule.broadcasts();
  const BatchPlan plan = plan_batches(parameters, shape);
  const std::uint32_t pes = parameters.pe_count;
  PhaseClasses phases(parameters, counts, times);
  if (times.trace != nullptr && times.trace->lane_names().size() != pes) {
    std::vector<std::string> names;
    std::vector<bool> kept;
    for (std::uint32_t pe = 0; pe < pes; ++pe) {
      names.push_back("PE " + std::to_string(pe));
      kept.push_back(times.trace->keeps_lane(pe));
    }
    times.trace->set_lanes(names, cycle_class_info.data());
    times.trace->set_queues(names, std::move(kept));
  }
  std::uint64_t cycle = 0;
  const auto phase = [&](const char* name, std::uint64_t cycles) {
    if (times.trace != nullptr) {
      times.trace->add_work("phases", name, cycle, cycle + cycles);
    }
    cycle += cycles;
  };
  const auto transfer = [&](CycleClass cycle_class, std::uint64_t entries) {
    const std::uint64_t cycles = transfer_cycles(parameters, entries);
    if (times.intervals != nullptr) {
      times.intervals->add(cycle_class, cycle, cycle + cycles, pes);
    }
    for (std::uint32_t pe = 0; times.trace != nullptr && pe < pes; ++pe) {
      times.trace->add_class(pe, static_cast<std::size_t>(cycle_class), cycle, cycle + cycles);
    }
    phase(cycle_class == CycleClass::batch_load ? "load" : "store", cycles);
  };
  for (std::size_t row_batch = 0; row_batch < plan.row_batch_outputs.size(); ++row_batch) {
    for (std::size_t i = 0; i < broadcasts.batches.size(); ++i) {
      const ScannedBatch& batch = broadcasts.batches[i];
      if (plan.loads()) {
        transfer(CycleClass::batch_load, batch.source_rows);
      }
      const bool ends_run = row_batch + 1 == plan.row_batch_outputs.size() &&
                            i + 1 == broadcasts.batches.size() && !plan.stores();
      phase("compute",
            phases.add({schedule.columns(row_batch, i), broadcasts.gaps.data() + batch.first_broadcast,
                        &schedule.slice(row_batch, i), batch.end_gap, ends_run},
                       cycle));
    }
    if (plan.stores()) {
      transfer(CycleClass::batch_store, (plan.row_batch_outputs[row_batch] + pes - 1) / pes);
    }
  }
  if (times.intervals != nullptr) {
    times.intervals->end_run(cycle);
  }
  if (times.trace != nullptr) {
    times.trace->end_run(cycle);
  }
}

}  // namespace lacuna::eie
