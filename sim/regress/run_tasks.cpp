#include "sim/regress/run_tasks.h"

#include <chrono>
#include <exception>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/process_pool.h"
#include "sim/family/configuration.h"
#include "sim/report/result_json.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// First byte of what a child sends; the rest is the result or the message.
constexpr char result_reply = 'r';
constexpr char error_reply = 'e';

std::string reply_to(const RegressionTask& task, const RegressionOptions& options) {
  try {
    ConfigOverrides overrides = task.run->overrides;
    overrides.engine = task.engine;
    const YamlNode document = load_configuration(task.run->config, overrides);
    RunSettings settings;
    settings.folders = options.folders;
    const std::unique_ptr<Job> job = family_of(document, options.families).load(document);
    return result_reply + result_json(job->run(settings)).dump();
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
