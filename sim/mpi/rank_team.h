#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/sweep.h"
#include "sim/mpi/launcher.h"
#include "sim/mpi/mailbox.h"
#include "sim/mpi/worker_process.h"
#include "sim/sweep/dealing.h"
#include "sim/sweep/runners.h"

namespace lacuna::mpi {

/// All ranks of a job, as rank 0 leads them: it deals points, takes their outcomes, and has a worker of its
/// own. The others are in serve_rank until the team goes.
class RankTeam {
 public:
  /// `names`: of the machines that the ranks run on.
  RankTeam(Mailbox& mailbox, std::vector<std::string> names);
  /// Ends all workers, and returns when every rank has said farewell.
  ~RankTeam();
  RankTeam(const RankTeam&) = delete;
  RankTeam& operator=(const RankTeam&) = delete;

  /// Starts a worker in each rank. The crew throws Lacuna's errors, also when a worker fails, is killed, or
  /// has loaded something else than this process; it may be called again.
  PointCrew crew(const cli::SweepRequest& request);

 private:
  struct Rank {
    std::size_t in_flight = 0;   ///< points that it has and that have not ended
    std::size_t last_batch = 0;  ///< points
  };

  std::size_t count() const { return names_.size(); }
  void run(const PointTask& task, const OutcomeSink& sink, const RunnerPulse& pulse);
  void deal(const PointTask& task, PointDealer& dealer);
  bool wants_more(const PointTask& task, const Rank& rank) const;
  void send(std::size_t rank, const std::string& message);
  bool receive(std::chrono::milliseconds patience, const OutcomeSink& sink);
  void take(std::size_t rank, const std::string& message, const OutcomeSink& sink);
  void interrupt_if_left_alone() const;
  std::string where(std::size_t rank) const;

  Mailbox& mailbox_;
  const Launcher launcher_;
  const std::vector<std::string> names_;
  std::unique_ptr<WorkerProcess> own_worker_;
  std::vector<Rank> ranks_;
  unsigned jobs_ = 1;  ///< points at a time in each rank
  std::string sweep_hash_;
  Mailbox::Letter failure_;  ///< the first of a worker; empty when there was none
  std::size_t left_ = 0;     ///< points that have not ended
};

/// What ranks other than 0 do: pass messages between rank 0 and a worker until rank 0 ends it.
void serve_rank(Mailbox& mailbox);

}  // namespace lacuna::mpi
