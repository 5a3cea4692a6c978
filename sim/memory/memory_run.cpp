#include "sim/memory/memory_run.h"

#include <algorithm>
#include <utility>

namespace lacuna {

MemoryRun::MemoryRun(const memory::Parameters& parameters, memory::Machine machine)
    : parameters_(parameters), machine_(std::move(machine)) {}

std::uint64_t MemoryRun::place(std::uint64_t bytes) {
  const std::uint64_t unit = std::max<std::uint64_t>(64, parameters_.burst_bytes);
  const std::uint64_t address = free_;
  free_ += (bytes + unit - 1) / unit * unit;
  return address;
}

void MemoryRun::add(std::size_t layer, memory::Job job, Inputs inputs) {
  const std::uint64_t items = job.run_cycles.size();
  job.descriptor_address = place(job.descriptor_bytes);
  for (memory::Constants& part : job.constants) {
    part.address = place(part.bytes);
  }
  const bool begins_chain = inputs != Inputs::of_their_own || jobs_.empty();
  const bool same_place =
      inputs == Inputs::results_before && !jobs_.empty() && jobs_.back().job.output_bytes == job.input_bytes;
  job.input_address = same_place ? jobs_.back().job.output_address : place(items * job.input_bytes);
  job.output_address = place(items * job.output_bytes);
  layers_ = std::max(layers_, layer + 1);
  jobs_.push_back({layer, begins_chain, std::move(job)});
}

std::vector<MemoryReport> MemoryRun::finish(const memory::RequestSink& sink) const {
  std::vector<MemoryReport> reports(layers_);
  for (MemoryReport& report : reports) {
    report.energy_pj_per_bit = parameters_.energy_pj_per_bit;
  }
  std::uint64_t start_ps = 0;
  for (std::size_t first = 0; first < jobs_.size();) {
    std::vector<memory::Job> chain;
    std::size_t end = first;
    do {
      chain.push_back(jobs_[end++].job);
    } while (end < jobs_.size() && !jobs_[end].begins_chain);
    const std::vector<memory::JobTimes> times =
        memory::schedule(chain, machine_, parameters_, sink, start_ps);
    for (std::size_t i = 0; i < times.size(); ++i) {
      MemoryReport& report = reports[jobs_[first + i].layer];
      report.times += times[i];
      ++report.jobs;
      start_ps += times[i].cycles() * machine_.clock_period_ps;
    }
    first = end;
  }
  return reports;
}

MemoryReport sum_of(const std::vector<MemoryReport>& reports) {
  MemoryReport sum;
  for (const MemoryReport& each : reports) {
    sum.times += each.times;
    sum.jobs += each.jobs;
    sum.energy_pj_per_bit = each.energy_pj_per_bit;
  }
  return sum;
}

}  // namespace lacuna
