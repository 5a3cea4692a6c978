#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"
#include "models/eie/engine.h"
#include "sim/run/row_order.h"
#include "sim/run/run_layer.h"
#include "sim/sweep/runners.h"

namespace lacuna {
namespace {

/// First byte of what a child sends; the rest is the counts or the message.
constexpr char counts_reply = 'c';
constexpr char point_error_reply = 'p';
constexpr char other_error_reply = 'o';

std::vector<LayerCounts> run_point(const DesignPoint& point, const PreparedWorkload& workload,
                                   const Sweep& sweep, EngineKind kind, const EngineOptions& options) {
  eie::check_parameters(point.machine);
  const auto engine = make_engine(kind, point.machine, options);
  std::vector<LayerCounts> result;
  const std::vector<LayerConfig>& configs = sweep.workloads[point.workload].layers;
  for (std::size_t i = 0; i < workload.layers.size(); ++i) {
    QuantisedLayer ready = workload.layers[i];
    const RowOrder order =
        configured_row_order(configs[i], ready.layer.matrix, ready.activations, point.machine);
    if (!order.empty()) {
      ready.layer.matrix = reordered(ready.layer.matrix, order);
    }
    const eie::CodedMatrix& natural = workload.layers[i].layer.matrix;
    const eie::MemoryImage image =
        fitting_image(point.machine, ready.layer, order.empty() ? nullptr : &natural);
    LayerCounts& layer = result.emplace_back();
    layer.name = ready.layer.name;
    layer.stored_entries = image.stored_entries;
    layer.padding_entries = image.padding_entries;
    layer.true_nonzeros = ready.layer.matrix.nonzeros();
    for (const auto& activations : ready.activations) {
      layer.add(engine->run(ready.layer, image, activations, sweep.outputs));
    }
  }
  return result;
}

std::string reply_to(const DesignPoint& point, const PreparedWorkload& workload, const Sweep& sweep,
                     EngineKind kind, const EngineOptions& options) {
  try {
    return counts_reply + encode_counts(run_point(point, workload, sweep, kind, options));
  } catch (const ConfigurationError& error) {
    return point_error_reply + std::string(error.what());
  } catch (const std::exception& error) {
    return other_error_reply + std::string(error.what());
  }
}

/// A child does not outlive its parent and leaves the keyboard's interrupts to it.
void detach_signals(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);
  }
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
}

void send(int descriptor, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = write(descriptor, bytes.data() + sent, bytes.size() - sent);
    if (written < 0 && errno != EINTR) {
      _exit(1);
    }
    sent += written > 0 ? static_cast<std::size_t>(written) : 0;
  }
}

struct Child {
  pid_t process = -1;
  int descriptor = -1;
  std::uint64_t point = 0;
  std::string reply;
};

class ProcessRun {
 public:
  ProcessRun(const Sweep& sweep, const PreparedWorkloads& workloads, EngineKind engine,
             const EngineOptions& options)
      : sweep_(sweep), workloads_(workloads), engine_(engine), options_(options) {}
  ProcessRun(const ProcessRun&) = delete;
  ProcessRun& operator=(const ProcessRun&) = delete;
  ~ProcessRun() {
    for (const Child& child : children_) {
      kill(child.process, SIGKILL);
      close(child.descriptor);
      wait_for(child.process);
    }
  }

  void run(const std::vector<std::uint64_t>& points, unsigned processes, const OutcomeSink& sink,
           const RunnerPulse& pulse) {
    for (std::size_t next = 0; next < points.size() || !children_.empty();) {
      while (next < points.size() && children_.size() < processes) {
        start(points[next++], sink);
      }
      receive(sink);
      pulse();
    }
  }

 private:
  static int wait_for(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  void start(std::uint64_t number, const OutcomeSink& sink) {
    const DesignPoint point = sweep_.point(number);
    std::shared_ptr<const PreparedWorkload> workload;
    try {
      eie::check_parameters(point.machine);
      workload = workloads_.prepared(point);
    } catch (const ConfigurationError& error) {
      sink(number, {error.what(), {}});
      return;
    }
    int ends[2];
    if (pipe(ends) != 0) {
      throw Error({}, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process < 0) {
      close(ends[0]);
      close(ends[1]);
      throw Error({}, fmt::format("cannot fork: {}", std::strerror(errno)));
    }
    if (process == 0) {
      detach_signals(parent);
      send(ends[1], reply_to(point, *workload, sweep_, engine_, options_));
      _exit(0);
    }
    close(ends[1]);
    children_.push_back({process, ends[0], number, {}});
  }

  /// Reads what children have sent, waiting a little for it.
  void receive(const OutcomeSink& sink) {
    constexpr int patience_ms = 50;
    std::vector<pollfd> polled;
    for (const Child& child : children_) {
      polled.push_back({child.descriptor, POLLIN, 0});
    }
    if (polled.empty() || poll(polled.data(), polled.size(), patience_ms) <= 0) {
      return;
    }
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents != 0 && !read_some(children_[i])) {
        const Child child = std::move(children_[i]);
        children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
        close(child.descriptor);
        sink(child.point, outcome_of(child, wait_for(child.process)));
      }
    }
  }

  /// False at the end.
  static bool read_some(Child& child) {
    char buffer[16384];
    const ssize_t got = read(child.descriptor, buffer, sizeof(buffer));
    if (got > 0) {
      child.reply.append(buffer, static_cast<std::size_t>(got));
    }
    return got > 0 || (got < 0 && errno == EINTR);
  }

  static PointOutcome outcome_of(const Child& child, int status) {
    if (WIFSIGNALED(status)) {
      const int signal = WTERMSIG(status);
      const std::string message = fmt::format("the engine's process was ended by signal {}", signal);
      if (signal == SIGKILL || signal == SIGTERM) {
        throw Error({}, message);
      }
      return {message, {}};
    }
    const std::string rest = child.reply.empty() ? std::string() : child.reply.substr(1);
    switch (child.reply.empty() ? '\0' : child.reply.front()) {
      case counts_reply:
        return {{}, decode_counts(rest, "an engine's process")};
      case point_error_reply:
        return {rest, {}};
      default:
        throw Error({}, rest.empty() ? "the engine's process ended without a result" : rest);
    }
  }

  const Sweep& sweep_;
  const PreparedWorkloads& workloads_;
  const EngineKind engine_;
  const EngineOptions& options_;
  std::vector<Child> children_;
};

}  // namespace

void run_in_processes(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                      const PreparedWorkloads& workloads, EngineKind engine, const EngineOptions& options,
                      unsigned processes, const OutcomeSink& sink, const RunnerPulse& pulse) {
  ProcessRun(sweep, workloads, engine, options).run(points, processes, sink, pulse);
}

}  // namespace lacuna
