#include "sim/regress/run_tasks.h"

#include <chrono>
#include <exception>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/process_pool.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/eie/report/result_json.h"
#include "sim/eie/run/run_workload.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_json.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// First byte of what a child sends; the rest is the result or the message.
constexpr char result_reply = 'r';
constexpr char error_reply = 'e';

Json eie_result(const std::string& path, const ConfigOverrides& overrides, const RegressionOptions& options) {
  const RunConfig config = load_run_config(path, overrides);
  RunOptions run_options;
  run_options.reference_folder = options.reference_folder;
  run_options.engine = options.engine;
  const bool whole_network = !config.workload.network.empty();
  return result_json(config,
                     whole_network ? run_network(config, run_options) : run_workload(config, run_options));
}

Json tomato_result(const std::string& path, const ConfigOverrides& overrides) {
  const tomato::TomatoConfig config = tomato::load_tomato_config(path, overrides);
  return tomato::result_json(config, tomato::run_tomato(config));
}

std::string reply_to(const RegressionTask& task, const RegressionOptions& options) {
  try {
    ConfigOverrides overrides = task.run->overrides;
    overrides.engine = task.engine;
    const std::string& path = task.run->config;
    const Json result = tomato::is_tomato_config(path, overrides) ? tomato_result(path, overrides)
                                                                  : eie_result(path, overrides, options);
    return result_reply + result.dump();
  } catch (const std::exception& error) {
    return error_reply + std::string(error.what());
  }
}

void take(RegressionTask& task, const ProcessPool::Reply& reply) {
  if (reply.signal != 0) {
    task.error = fmt::format("the run's process was ended by signal {}", reply.signal);
  } else if (reply.bytes.empty()) {
    task.error = "the run's process ended without a result";
  } else if (reply.bytes.front() == error_reply) {
    task.error = reply.bytes.substr(1);
  } else {
    task.result = Json::parse(reply.bytes.begin() + 1, reply.bytes.end());
  }
}

}  // namespace

void run_tasks(std::vector<RegressionTask>& tasks, const RegressionOptions& options) {
  std::vector<Clock::time_point> begins(tasks.size());
  ProcessPool pool;
  std::size_t done = 0;
  for (std::size_t next = 0; done < tasks.size();) {
    for (; next < tasks.size() && pool.running() < options.jobs; ++next) {
      begins[next] = Clock::now();
      pool.start(next, [&] { return reply_to(tasks[next], options); });
    }
    pool.receive([&](const ProcessPool::Reply& reply) {
      RegressionTask& task = tasks[reply.task];
      task.seconds = std::chrono::duration<double>(Clock::now() - begins[reply.task]).count();
      take(task, reply);
      ++done;
    });
    if (options.progress) {
      options.progress(done, tasks.size());
    }
  }
}

}  // namespace lacuna
