#include "models/memory/schedule.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <queue>

#include <fmt/format.h>

#include "models/common/error.h"

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

using Time = std::uint64_t;  ///< picoseconds

constexpr std::uint64_t most_bursts = std::uint64_t{1} << 28U;

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

// Port and memory
// ------------------------------------------------------------------------------------------------------------

enum class Direction : std::uint8_t { read, write };

constexpr Direction other(Direction direction) {
  return direction == Direction::read ? Direction::write : Direction::read;
}

/// The port and the memory of models/device (dma.cpp, memory.cpp) without a kernel: the same steps at the
/// same times. Steps of one time that follow from each other are numbered, as delta cycles are.
class Traffic {
 public:
  Traffic(const Parameters& p, Time beat, const RequestSink& sink, Time start)
      : parameters_(p),
        beat_(beat),
        latency_(static_cast<Time>(std::llround(p.latency_ns * 1e3))),
        sink_(sink),
        start_(start) {}

  enum class Step : std::uint8_t {
    advance,  ///< of the job's control: a transfer has ended, or the beginning
    run_over,
    issue,
    take_request,   ///< memory
    end_request,    ///< port
    data_moved,     ///< memory
    take_response,  ///< port
    end_response,   ///< port
    response_free,  ///< memory
  };

  Time now() const { return now_; }
  void post(Step step, Time time, std::size_t burst = 0) {
    queue_.push({time, time == now_ ? delta_ + 1 : 0, ++posted_, step, burst});
  }

  /// Goes on to the next step of the job's control and returns it; nothing: all is over.
  std::optional<Step> next() {
    while (!queue_.empty()) {
      const Event event = queue_.top();
      queue_.pop();
      now_ = event.time;
      delta_ = event.delta;
      if (event.step == Step::advance || event.step == Step::run_over) {
        return event.step;
      }
      take(event);
    }
    return std::nullopt;
  }

  void begin(Direction direction, std::uint64_t address, std::uint64_t bytes) {
    Channel& c = channel(direction);
    c.busy = true;
    c.ended = false;
    c.address = address;
    c.left = bytes;
    c.bursts = 0;
    post(Step::issue, now_);
  }
  /// Bursts of a transfer that has ended, once.
  std::optional<std::uint64_t> take_end(Direction direction) {
    Channel& c = channel(direction);
    if (!c.ended) {
      return std::nullopt;
    }
    c.ended = false;
    c.busy = false;
    return c.bursts;
  }

 private:
  struct Event {
    Time time = 0;
    std::uint32_t delta = 0;
    std::uint64_t order = 0;
    Step step = Step::advance;
    std::size_t burst = 0;

    bool operator<(const Event& b) const {  // the queue's top is the largest
      return time != b.time ? time > b.time : delta != b.delta ? delta > b.delta : order > b.order;
    }
  };
  struct Burst {
    Direction direction = Direction::read;
    std::uint32_t bytes = 0;
    Time begun = 0;
  };
  struct Channel {
    bool busy = false;
    bool ended = false;
    std::uint64_t address = 0;  ///< of the next burst
    std::uint64_t left = 0;
    std::uint64_t bursts = 0;
    std::uint32_t under_way = 0;
  };

  Channel& channel(Direction direction) { return channels_[static_cast<std::size_t>(direction)]; }
  Time beats(std::uint32_t bytes) const {
    return (bytes + parameters_.port_width_bytes - 1) / parameters_.port_width_bytes * beat_;
  }
  Time bus_time(std::uint32_t bytes) const {
    return static_cast<Time>(std::llround(bytes / parameters_.bandwidth_gb_per_s * 1e3));
  }

  void take(const Event& event) {
    const std::size_t burst = event.burst;
    switch (event.step) {
      case Step::issue:
        issue();
        break;
      case Step::take_request:
        bus_free_ = std::max(bus_free_, now_ + latency_) + bus_time(bursts_[burst].bytes);
        post(Step::data_moved, bus_free_, burst);
        post(Step::end_request, now_, burst);
        break;
      case Step::end_request:
        end_request(bursts_[burst]);
        break;
      case Step::data_moved:
        ready_.push_back(burst);
        respond();
        break;
      case Step::take_response:
        post(Step::end_response,
             now_ + (bursts_[burst].direction == Direction::read ? beats(bursts_[burst].bytes) : beat_),
             burst);
        break;
      case Step::end_response:
        end_burst(burst);
        post(Step::response_free, now_);
        post(Step::issue, now_);
        break;
      case Step::response_free:
        responding_ = false;
        respond();
        break;
      case Step::advance:
      case Step::run_over:
        break;
    }
  }

  bool may_issue(Direction direction) {
    const Channel& c = channel(direction);
    return c.busy && !c.ended && c.left > 0 && c.under_way < parameters_.outstanding_bursts;
  }

  void issue() {
    if (requesting_) {
      return;
    }
    if (now_ < request_free_) {
      post(Step::issue, request_free_);
      return;
    }
    // The directions take turns.
    if (may_issue(turn_)) {
      const Direction direction = turn_;
      turn_ = other(turn_);
      send(direction);
    } else if (may_issue(other(turn_))) {
      send(other(turn_));
    }
  }

  void send(Direction direction) {
    if (++sent_ > most_bursts) {
      throw CapacityError(
          {{}, 0, "memory.burst_bytes"},
          fmt::format("more than {} bursts of {} bytes", most_bursts, parameters_.burst_bytes),
          "longer bursts, or a smaller workload");
    }
    Channel& c = channel(direction);
    const std::uint64_t room = parameters_.burst_bytes - c.address % parameters_.burst_bytes;
    const auto bytes = static_cast<std::uint32_t>(std::min(room, c.left));
    const std::size_t burst = place();
    bursts_[burst] = {direction, bytes, now_};
    if (sink_) {
      sink_({start_ + now_, direction == Direction::write, c.address, bytes});
    }
    c.address += bytes;
    c.left -= bytes;
    ++c.bursts;
    ++c.under_way;
    requesting_ = true;
    post(Step::take_request, now_, burst);
  }

  std::size_t place() {
    if (free_.empty()) {
      bursts_.emplace_back();
      return bursts_.size() - 1;
    }
    const std::size_t burst = free_.back();
    free_.pop_back();
    return burst;
  }

  void end_request(const Burst& burst) {
    requesting_ = false;
    request_free_ =
        std::max(now_, burst.begun + (burst.direction == Direction::write ? beats(burst.bytes) : beat_));
    post(Step::issue, request_free_);
  }

  void respond() {
    if (responding_ || ready_.empty()) {
      return;
    }
    responding_ = true;
    post(Step::take_response, now_, ready_.front());
    ready_.pop_front();
  }

  void end_burst(std::size_t burst) {
    Channel& c = channel(bursts_[burst].direction);
    free_.push_back(burst);
    if (--c.under_way == 0 && c.left == 0) {
      c.ended = true;
      post(Step::advance, now_);
    }
  }

  const Parameters& parameters_;
  const Time beat_;
  const Time latency_;
  const RequestSink& sink_;
  const Time start_;

  std::priority_queue<Event> queue_;
  Time now_ = 0;
  std::uint32_t delta_ = 0;
  std::uint64_t posted_ = 0;
  std::uint64_t sent_ = 0;
  std::array<Channel, 2> channels_;
  std::vector<Burst> bursts_;
  std::vector<std::size_t> free_;
  bool requesting_ = false;
  Time request_free_ = 0;
  Direction turn_ = Direction::read;
  Time bus_free_ = 0;
  bool responding_ = false;
  std::deque<std::size_t> ready_;
};

// Jobs
// ------------------------------------------------------------------------------------------------------------

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
