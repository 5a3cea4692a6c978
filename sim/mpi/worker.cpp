#include "sim/mpi/worker.h"

#include <chrono>
#include <csignal>
#include <iostream>
#include <utility>

#include <sys/prctl.h>
#include <sys/socket.h>

#include "models/common/error.h"
#include "sim/cli/data_folders.h"
#include "sim/families.h"
#include "sim/mpi/channel.h"
#include "sim/mpi/messages.h"
#include "sim/sweep/runners.h"
#include "sim/sweep/sweep.h"

namespace lacuna::mpi {
namespace {

/// Its rank is gone.
struct Abandoned {};

void send(const Channel& channel, const std::string& message) {
  if (!channel.send(message)) {
    throw Abandoned{};
  }
}

void run_batches(Channel& channel, const cli::SweepRequest& request) {
  using Clock = std::chrono::steady_clock;
  const Sweep sweep = load_sweep(request.file, families(), request.overrides);
  const DataFolders folders = cli::data_folders();
  const SweepSurroundings surroundings{folders.reference(), folders.engine_options(), request.jobs};
  send(channel, encode_loaded(Identity(sweep, surroundings).sweep()));
  BatchRunner runner(sweep, surroundings, request.jobs);
  while (const auto message = channel.wait()) {
    const Batch batch = decode_batch(*message);
    Outcomes ended;
    Clock::time_point sent = Clock::now();
    const auto flush = [&] {
      if (!ended.empty()) {
        send(channel, encode(std::exchange(ended, {})));
      }
      sent = Clock::now();
    };
    runner.run(
        batch.points, batch.engine,
        [&](std::uint64_t point, PointOutcome outcome) { ended.emplace_back(point, std::move(outcome)); },
        [&] {
          constexpr auto interval = std::chrono::milliseconds(50);
          if (Clock::now() - sent >= interval) {
            flush();
          }
          if (channel.is_hung_up()) {
            throw Abandoned{};
          }
        });
    flush();
  }
}

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

int run_worker() {
  if (!is_socket(worker_descriptor)) {
    std::cerr << "error: worker: lacuna-mpi starts it by itself; see lacuna-mpi --help\n";
    return 2;
  }
  Channel channel(worker_descriptor);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // however its rank ends; if it has ended by now, the channel says so
  std::signal(SIGINT, SIG_IGN);      // these are for the rank, which ends this process
  std::signal(SIGTERM, SIG_IGN);
  try {
    if (const auto message = channel.wait()) {
      run_batches(channel, decode_start(*message));
    }
  } catch (const Abandoned&) {
    return 1;
  } catch (const std::exception& error) {
    channel.send(encode_failure(error));
    return 1;
  }
  return 0;
}

}  // namespace lacuna::mpi
