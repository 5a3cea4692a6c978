#include "sim/mpi/rank_team.h"

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/mpi/messages.h"
#include "sim/mpi/patience.h"

namespace lacuna::mpi {

RankTeam::RankTeam(Mailbox& mailbox, std::vector<std::string> names)
    : mailbox_(mailbox), names_(std::move(names)), ranks_(names_.size()) {}

RankTeam::~RankTeam() {
  for (std::size_t rank = 1; rank < count(); ++rank) {
    mailbox_.send(static_cast<int>(rank), bare(Kind::end));
  }
  own_worker_.reset();
  Patience patience;
  for (std::size_t here = count() - 1; here > 0;) {  // what others were still sending is received as well
    if (const auto letter = mailbox_.receive()) {
      here -= kind_of(letter->message) == Kind::farewell ? 1 : 0;
    } else {
      interrupt_if_left_alone();
      leave_if_interrupted();
      std::this_thread::sleep_for(patience.idle());
    }
  }
  mailbox_.settle();
}

/// A single rank may have been started by a shell, which it may outlive.
void RankTeam::interrupt_if_left_alone() const {
  if (count() > 1) {
    launcher_.interrupt_if_gone();
  }
}

PointCrew RankTeam::crew(const cli::SweepRequest& request) {
  jobs_ = request.jobs;
  const std::string start = encode(request);
  for (std::size_t rank = 1; rank < count(); ++rank) {
    mailbox_.send(static_cast<int>(rank), start);
  }
  own_worker_ = std::make_unique<WorkerProcess>(start);
  return [this](const PointTask& task, const OutcomeSink& sink, const RunnerPulse& pulse) {
    run(task, sink, pulse);
  };
}

void RankTeam::run(const PointTask& task, const OutcomeSink& sink, const RunnerPulse& pulse) {
  using Clock = std::chrono::steady_clock;
  constexpr auto pulse_interval = std::chrono::milliseconds(50);
  if (sweep_hash_.empty()) {
    sweep_hash_ = Identity(task.sweep, task.surroundings).sweep();
  }
  PointDealer dealer(task, count() * jobs_);
  left_ = task.points.size();
  Patience patience;
  Clock::time_point next_pulse = Clock::now();
  while (left_ > 0) {
    deal(task, dealer);
    if (receive(patience.now(), sink)) {
      patience.busy();
    } else {
      patience.idle();
    }
    if (Clock::now() >= next_pulse || !failure_.message.empty()) {
      interrupt_if_left_alone();
      pulse();
      next_pulse = Clock::now() + pulse_interval;
    }
    if (!failure_.message.empty()) {  // after the pulse: an interrupt that reached workers too is no failure
      throw_failure(failure_.message, where(static_cast<std::size_t>(failure_.rank)));
    }
  }
}

/// Fast points are dealt ahead, so that no worker waits for the next batch; slow ones when a worker has room,
/// so that none lie with one worker while another has nothing to do.
bool RankTeam::wants_more(const PointTask& task, const Rank& rank) const {
  if (find_engine(task.sweep.family->engines(), task.engine)->one_per_process) {
    return rank.in_flight < jobs_;
  }
  return rank.in_flight <= rank.last_batch;
}

void RankTeam::deal(const PointTask& task, PointDealer& dealer) {
  for (std::size_t rank = 0; rank < count(); ++rank) {
    while (wants_more(task, ranks_[rank])) {
      Batch batch{task.engine, dealer.next()};
      if (batch.points.empty()) {
        return;
      }
      ranks_[rank].last_batch = batch.points.size();
      ranks_[rank].in_flight += batch.points.size();
      send(rank, encode(batch));
    }
  }
}

void RankTeam::send(std::size_t rank, const std::string& message) {
  if (rank == 0) {
    own_worker_->send(message);
  } else {
    mailbox_.send(static_cast<int>(rank), message);
  }
}

/// Waits for this rank's worker and looks for the others' messages; whether there was any.
bool RankTeam::receive(std::chrono::milliseconds patience, const OutcomeSink& sink) {
  bool any = false;
  if (const auto message = own_worker_->receive(patience)) {
    take(0, *message, sink);
    any = true;
  }
  while (const auto letter = mailbox_.receive()) {
    take(static_cast<std::size_t>(letter->rank), letter->message, sink);
    any = true;
  }
  return any;
}

void RankTeam::take(std::size_t rank, const std::string& message, const OutcomeSink& sink) {
  switch (kind_of(message)) {
    case Kind::loaded:
      if (decode_loaded(message) != sweep_hash_) {
        throw ConfigurationError(
            {}, where(rank) + ": has another sweep, other input files or another program than rank 0",
            "the same files and program on all machines");
      }
      return;
    case Kind::outcomes: {
      Outcomes outcomes = decode_outcomes(message);
      ranks_[rank].in_flight -= outcomes.size();
      left_ -= outcomes.size();
      for (auto& [point, outcome] : outcomes) {
        sink(point, std::move(outcome));
      }
      return;
    }
    case Kind::failure:
      if (failure_.message.empty()) {
        failure_ = {static_cast<int>(rank), message};
      }
      return;
    default:
      return;
  }
}

std::string RankTeam::where(std::size_t rank) const {
  return fmt::format("rank {} on {}", rank, names_[rank]);
}

}  // namespace lacuna::mpi
