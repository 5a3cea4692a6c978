#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/memory/schedule.h"
#include "sim/memory/memory_report.h"

namespace lacuna {

/// The jobs that a run puts into memory, layer after layer, and their phases. Jobs of one chain follow one
/// another as a device works on them; a chain begins where inputs are results of the one before.
class MemoryRun {
 public:
  MemoryRun(const memory::Parameters& parameters, memory::Machine machine);

  /// Adds a job of a layer, whose parts get addresses of their own, in the order in which they come:
  /// multiples of the bursts' size, of 64 bytes at least. Results that the next layer takes as they are stay
  /// where they are: `results_before` says so of that layer's first job, which begins a chain.
  /// `made_of_results` begins one too: the host has made its inputs of results.
  enum class Inputs { of_their_own, results_before, made_of_results };
  void add(std::size_t layer, memory::Job job, Inputs inputs = Inputs::of_their_own);

  /// The report of each layer. Requests go to `sink`, in the order of time, chain after chain.
  std::vector<MemoryReport> finish(const memory::RequestSink& sink) const;

  const memory::Parameters& parameters() const { return parameters_; }

 private:
  struct Placed {
    std::size_t layer = 0;
    bool begins_chain = false;
    memory::Job job;
  };

  std::uint64_t place(std::uint64_t bytes);

  const memory::Parameters parameters_;
  const memory::Machine machine_;
  std::vector<Placed> jobs_;
  std::size_t layers_ = 0;
  std::uint64_t free_ = 0;
};

/// Sums of several, such as a run's.
MemoryReport sum_of(const std::vector<MemoryReport>& reports);

}  // namespace lacuna
