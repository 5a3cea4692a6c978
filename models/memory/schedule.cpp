#include "models/memory/schedule.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/memory/traffic.h"

namespace lacuna::memory {

void check_parameters(const Parameters& parameters) {
  if ((parameters.burst_bytes & (parameters.burst_bytes - 1)) != 0) {
    throw ConfigurationError({{}, 0, "burst_bytes"}, fmt::format("{}", parameters.burst_bytes),
                             "a power of two");
  }
}

std::uint64_t JobTimes::cycles() const {
  std::uint64_t sum = run_cycles;
  for (const std::uint64_t cycles : exposed_cycles.values) {
    sum += cycles;
  }
  return sum;
}

JobTimes& JobTimes::operator+=(const JobTimes& other) {
  run_cycles += other.run_cycles;
  exposed_cycles += other.exposed_cycles;
  under_way_cycles += other.under_way_cycles;
  bytes += other.bytes;
  bursts += other.bursts;
  items_overlapped += other.items_overlapped;
  return *this;
}

bool fit(const std::vector<std::uint64_t>& first, const std::vector<std::uint64_t>& second,
         const std::vector<std::uint64_t>& capacity) {
  for (std::size_t i = 0; i < capacity.size(); ++i) {
    if (first[i] + second[i] > capacity[i]) {
      return false;
    }
  }
  return true;
}

namespace {

Time up_to_cycle(Time time, Time period) {
  return (time + period - 1) / period;
}

/// A transfer that has ended.
struct Moved {
  std::size_t job = 0;
  Phase phase = Phase::load_descriptor;
  Time begin = 0;
  Time end = 0;
};

/// A run, in cycles of the clock.
struct Run {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// What happens outside the runs, from which the classes follow.
struct History {
  std::vector<Moved> reads;
  std::vector<Moved> writes;
  std::vector<Run> runs;
};

/// The steps of models/device (device.cpp), in the same order.
class ChainRun {
 public:
  ChainRun(const std::vector<Job>& chain, const Machine& machine, const Parameters& parameters,
           const RequestSink& sink, Time start)
      : chain_(chain),
        machine_(machine),
        double_buffering_(parameters.double_buffering),
        traffic_(parameters, machine.clock_period_ps, sink, start),
        times_(chain.size()) {}

  std::vector<JobTimes> run() {
    traffic_.post(Traffic::Step::advance, 0);
    while (const auto next = traffic_.next()) {
      run_over_ = run_over_ || *next == Traffic::Step::run_over;
      while (step_store() || step_compute() || step_load()) {
      }
    }
    classify();
    return std::move(times_);
  }

 private:
  enum class Loading : std::uint8_t { nothing, descriptor, constants, item };
  struct Item {
    std::size_t job = 0;
    std::uint64_t number = 0;
  };

  bool computing_side_empty() const { return !loaded_ && !computing_ && !computed_ && !storing_; }
  bool item_fits_beside(const Item& at_work, std::size_t next) const {
    return fit(chain_[at_work.job].item_takes, chain_[next].next_item_takes, machine_.items_capacity);
  }

  bool step_store() {
    if (storing_) {
      const auto bursts = traffic_.take_end(Direction::write);
      if (!bursts) {
        return false;
      }
      const Job& job = chain_[storing_->job];
      note(history_.writes, storing_->job, Phase::store_results, store_begin_, job.output_bytes, *bursts);
      storing_.reset();
      return true;
    }
    if (computed_) {
      storing_ = computed_;
      computed_.reset();
      store_begin_ = traffic_.now();
      const Job& job = chain_[storing_->job];
      traffic_.begin(Direction::write, job.output_address + storing_->number * job.output_bytes,
                     job.output_bytes);
      return true;
    }
    return false;
  }

  bool step_compute() {
    if (computing_) {
      if (!run_over_ || computed_) {
        return false;
      }
      run_over_ = false;
      computed_ = computing_;
      computing_.reset();
      return true;
    }
    const bool room = !computed_ && (!storing_ || double_buffering_);
    if (!loaded_ || !room || (storing_ && !item_fits_beside(*storing_, loaded_->job))) {
      return false;
    }
    computing_ = loaded_;
    loaded_.reset();
    held_ = computing_->job;
    const std::uint64_t cycles = chain_[computing_->job].run_cycles[computing_->number];
    const std::uint64_t begin = traffic_.now() / machine_.clock_period_ps + 1;
    history_.runs.push_back({begin, begin + cycles});
    times_[computing_->job].run_cycles += cycles;
    traffic_.post(Traffic::Step::run_over, (begin + cycles) * machine_.clock_period_ps);
    return true;
  }

  bool may_load(bool constants) const {
    if (computing_side_empty()) {
      return true;
    }
    if (!double_buffering_ || loaded_) {
      return false;
    }
    if (constants) {
      return !held_ || *held_ == open_ || (!computing_ && !loaded_) ||
             fit(chain_[*held_].constants_take, chain_[open_].constants_take, machine_.constants_capacity);
    }
    return (!computing_ || item_fits_beside(*computing_, open_)) &&
           (!storing_ || item_fits_beside(*storing_, open_));
  }

  /// The part of the open job's constants that is to be loaded next.
  const Constants* next_constants() const {
    const std::vector<Constants>& all = chain_[open_].constants;
    return parts_loaded_ < all.size() ? &all[parts_loaded_] : nullptr;
  }

  bool step_load() {
    if (loading_ != Loading::nothing) {
      return take_read();
    }
    if (open_ == chain_.size()) {
      return false;
    }
    const Job& job = chain_[open_];
    if (!is_open_) {
      if (!double_buffering_ && !computing_side_empty()) {
        return false;
      }
      if (job.descriptor_bytes == 0) {
        is_open_ = true;
        return true;
      }
      read(Loading::descriptor, Phase::load_descriptor, job.descriptor_address, job.descriptor_bytes);
      return true;
    }
    if (const Constants* part = next_constants()) {
      if (part->bytes == 0) {
        ++parts_loaded_;
        return true;
      }
      if (!may_load(true)) {
        return false;
      }
      read(Loading::constants, part->phase, part->address, part->bytes);
      return true;
    }
    if (!may_load(false)) {
      return false;
    }
    times_[open_].items_overlapped += computing_ ? 1 : 0;
    read(Loading::item, Phase::load_inputs, job.input_address + items_loaded_ * job.input_bytes,
         job.input_bytes);
    return true;
  }

  void read(Loading what, Phase phase, std::uint64_t address, std::uint64_t bytes) {
    loading_ = what;
    load_phase_ = phase;
    load_bytes_ = bytes;
    load_begin_ = traffic_.now();
    traffic_.begin(Direction::read, address, bytes);
  }

  bool take_read() {
    const auto bursts = traffic_.take_end(Direction::read);
    if (!bursts) {
      return false;
    }
    note(history_.reads, open_, load_phase_, load_begin_, load_bytes_, *bursts);
    const Loading what = loading_;
    loading_ = Loading::nothing;
    if (what == Loading::descriptor) {
      is_open_ = true;
    } else if (what == Loading::constants) {
      ++parts_loaded_;
    } else {
      loaded_ = Item{open_, items_loaded_};
      if (++items_loaded_ == chain_[open_].run_cycles.size()) {
        ++open_;
        is_open_ = false;
        items_loaded_ = 0;
        parts_loaded_ = 0;
      }
    }
    return true;
  }

  void note(std::vector<Moved>& list, std::size_t job, Phase phase, Time begin, std::uint64_t bytes,
            std::uint64_t bursts) {
    list.push_back({job, phase, begin, traffic_.now()});
    times_[job].bytes[phase] += bytes;
    times_[job].bursts[phase] += bursts;
    times_[job].under_way_cycles[phase] += traffic_.now() - begin;  // picoseconds until all is known
  }

  /// Gives each cycle in which no run goes on to the transfer that is waited for: the read under way at its
  /// beginning, else the write, else that which was last.
  void classify() {
    const Time period = machine_.clock_period_ps;
    for (JobTimes& times : times_) {
      for (std::uint64_t& time : times.under_way_cycles.values) {
        time = up_to_cycle(time, period);
      }
    }
    const std::uint64_t end = up_to_cycle(history_.writes.back().end, period);
    auto read = history_.reads.begin();
    auto write = history_.writes.begin();
    auto run = history_.runs.begin();
    const auto skip = [&](auto& it, const auto& list, std::uint64_t cycle) {
      while (it != list.end() && up_to_cycle(it->end, period) <= cycle) {
        ++it;
      }
    };
    const Moved* last = nullptr;
    for (std::uint64_t cycle = 0; cycle < end;) {
      while (run != history_.runs.end() && run->end <= cycle) {
        ++run;
      }
      if (run != history_.runs.end() && run->begin <= cycle) {
        cycle = run->end;
        continue;
      }
      std::uint64_t until = run == history_.runs.end() ? end : std::min(end, run->begin);
      skip(read, history_.reads, cycle);
      skip(write, history_.writes, cycle);
      // A transfer that is under way ends the stretch with its end, one to come with its beginning.
      const auto under_way = [&](const auto& it, const auto& list) {
        if (it == list.end()) {
          return false;
        }
        const std::uint64_t first = up_to_cycle(it->begin, period);
        if (first > cycle) {
          until = std::min(until, first);
          return false;
        }
        until = std::min(until, up_to_cycle(it->end, period));
        return true;
      };
      const bool writing = under_way(write, history_.writes);
      if (writing) {
        last = &*write;
      }
      if (under_way(read, history_.reads)) {
        last = &*read;
      }
      if (last == nullptr) {  // nothing has begun at the beginning: what begins first
        last = read != history_.reads.end() ? &*read : &*write;
      }
      times_[last->job].exposed_cycles[last->phase] += until - cycle;
      cycle = until;
    }
  }

  const std::vector<Job>& chain_;
  const Machine& machine_;
  const bool double_buffering_;
  Traffic traffic_;
  std::vector<JobTimes> times_;
  History history_;

  Loading loading_ = Loading::nothing;
  Phase load_phase_ = Phase::load_descriptor;
  std::uint64_t load_bytes_ = 0;
  Time load_begin_ = 0;
  Time store_begin_ = 0;
  std::size_t open_ = 0;  ///< the job whose parts are loaded next
  bool is_open_ = false;  ///< its descriptor is there
  std::size_t parts_loaded_ = 0;
  std::uint64_t items_loaded_ = 0;
  std::optional<std::size_t> held_;  ///< the job whose constants the machine works with
  std::optional<Item> loaded_;
  std::optional<Item> computing_;
  std::optional<Item> computed_;
  std::optional<Item> storing_;
  bool run_over_ = false;
};

}  // namespace

std::vector<JobTimes> schedule(const std::vector<Job>& chain, const Machine& machine,
                               const Parameters& parameters, const RequestSink& sink,
                               std::uint64_t start_ps) {
  check_parameters(parameters);
  return ChainRun(chain, machine, parameters, sink, start_ps).run();
}

}  // namespace lacuna::memory
