#include "sim/regress/regress.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "models/common/error.h"
#include "sim/files/output_file.h"
#include "sim/regress/run_tasks.h"
#include "sim/report/read_result.h"
#include "sim/report/text_formats.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Status = RegressionOutcome::Status;

/// All engines and all commits must give the same: which one gave it is no part of what is expected.
Json golden_of(Json result) {
  result.erase("engine");
  result.erase("commit");
  return result;
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

class SuiteRun {
 public:
  SuiteRun(const RegressionSuite& suite, const RegressionOptions& options)
      : suite_(suite), options_(options), used_(suite.tolerances.size()) {}

  RegressionReport run() {
    report_.suite = suite_.name;
    report_.notes = suite_.notes;
    for (const RegressionRun& run : suite_.runs) {
      for (const std::string& engine : run.engines) {
        tasks_.push_back({&run, engine, {}, {}, 0.0});
      }
    }
    run_tasks(tasks_, options_);
    for (std::size_t begin = 0; begin < tasks_.size();) {
      begin = judge_run(begin);
    }
    check_tolerances();
    find_stale();
    return std::move(report_);
  }

 private:
  /// Judges the engines of one run; returns where the next run begins.
  std::size_t judge_run(std::size_t begin) {
    const RegressionRun& run = *tasks_[begin].run;
    std::optional<Json> golden;
    std::string golden_error;
    try {
      golden = exists(run.golden) ? std::optional<Json>(read_result(run.golden)) : std::nullopt;
    } catch (const Error& error) {
      golden_error = error.what();
    }
    const std::size_t end = begin + run.engines.size();
    for (std::size_t i = begin; i < end; ++i) {
      RegressionOutcome outcome{run.name, tasks_[i].engine, Status::passed, {}, {}, tasks_[i].seconds};
      if (!tasks_[i].error.empty()) {
        outcome.status = Status::failed;
        outcome.message = tasks_[i].error;
      } else if (options_.update && i == begin) {
        update(tasks_[i], golden, outcome);
        golden_error.clear();
      } else if (!golden) {
        outcome.status = golden_error.empty() ? Status::missing : Status::failed;
        outcome.message = golden_error.empty() ? "there is no golden result " + run.golden : golden_error;
      } else {
        outcome.comparison = compare(run, *golden, tasks_[i].result);
        outcome.status = outcome.comparison.differences.empty() ? Status::passed : Status::changed;
      }
      report_.outcomes.push_back(std::move(outcome));
    }
    return end;
  }

  Comparison compare(const RegressionRun& run, const Json& golden, const Json& result) {
    const Json now = golden_of(result);
    std::vector<Tolerance> tolerances;
    for (std::size_t i = 0; i < suite_.tolerances.size(); ++i) {
      const Tolerance& common = suite_.tolerances[i];
      if (has_metric(golden, common.metric) || has_metric(now, common.metric)) {
        used_[i] = true;
        tolerances.push_back(common);
      }
    }
    // A run's own come last, which is how they win.
    tolerances.insert(tolerances.end(), run.tolerances.begin(), run.tolerances.end());
    return compare_results(golden, now, tolerances);
  }

  /// Shows every change, tolerated or not, and writes the new result.
  void update(const RegressionTask& task, std::optional<Json>& golden, RegressionOutcome& outcome) {
    Json now = golden_of(task.result);
    if (golden) {
      outcome.comparison = compare_results(*golden, now, {});
    }
    for (std::size_t i = 0; i < suite_.tolerances.size(); ++i) {
      used_[i] = used_[i] || has_metric(now, suite_.tolerances[i].metric);
    }
    if (!golden || *golden != now) {
      std::error_code error;
      fs::create_directories(suite_.golden_folder, error);
      write_output(task.run->golden, pretty_json(now));
      outcome.status = Status::updated;
    }
    golden = std::move(now);
  }

  /// A misspelt metric would otherwise never be noticed.
  void check_tolerances() const {
    const bool any_result = std::any_of(tasks_.begin(), tasks_.end(),
                                        [](const RegressionTask& task) { return task.error.empty(); });
    for (std::size_t i = 0; any_result && !options_.partial && i < used_.size(); ++i) {
      if (!used_[i]) {
        throw ConfigurationError(suite_.tolerances[i].place,
                                 "no result has the metric '" + suite_.tolerances[i].metric + "'",
                                 "a key of layers or totals");
      }
    }
  }

  void find_stale() {
    if (options_.partial) {
      return;
    }
    std::set<std::string> known;
    for (const RegressionRun& run : suite_.runs) {
      known.insert(run.name + ".json");
    }
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(suite_.golden_folder, error)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() == ".json" && known.count(name) == 0) {
        report_.stale.push_back(name);
      }
    }
    std::sort(report_.stale.begin(), report_.stale.end());
  }

  const RegressionSuite& suite_;
  const RegressionOptions& options_;
  std::vector<RegressionTask> tasks_;
  std::vector<bool> used_;  ///< the suite's tolerances whose metric some result has
  RegressionReport report_;
};

}  // namespace

const char* status_name(Status status) {
  constexpr const char* names[] = {"passed", "changed", "missing", "failed", "updated"};
  return names[static_cast<std::size_t>(status)];
}

bool RegressionReport::passed() const {
  return std::all_of(outcomes.begin(), outcomes.end(), [](const RegressionOutcome& each) {
    return each.status == Status::passed || each.status == Status::updated;
  });
}

RegressionReport run_suite(const RegressionSuite& suite, const RegressionOptions& options) {
  return SuiteRun(suite, options).run();
}

}  // namespace lacuna
