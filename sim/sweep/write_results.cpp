#include "sim/sweep/write_results.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "sim/report/pareto.h"
#include "sim/sweep/sweep.h"

namespace lacuna {
namespace {

constexpr std::size_t shown_front = 20;

/// Goes through the points once, collecting what the Pareto front needs.
class ResultsWriter {
 public:
  ResultsWriter(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                const SweepFolder& folder, const ResultFormats& formats, std::size_t threads)
      : sweep_(sweep),
        identity_(identity),
        store_(store),
        folder_(folder),
        formats_(formats),
        threads_(std::max<std::size_t>(threads, 1)) {}

  SweepSummary write() {
    summary_.points = sweep_.points.size();
    summary_.excluded = sweep_.excluded;
    write_all();
    write_front();
    add_base_rows();
    return std::move(summary_);
  }

 private:
  using Writers = std::vector<std::unique_ptr<ResultWriter>>;

  /// Points that a thread makes at once.
  static constexpr std::size_t group = 32;

  /// A point with its text for each writer.
  struct Written {
    PointResult result;
    std::vector<std::string> texts;
  };

  /// May be called from several threads.
  PointResult result_of(std::uint64_t number) {
    const std::string hash = identity_.point(sweep_.point(number));
    std::optional<PointOutcome> outcome;
    {
      const std::lock_guard<std::mutex> lock(one_reads_);
      outcome = store_.get(hash);
    }
    if (!outcome) {
      // The folder is locked and every point was stored before.
      throw std::logic_error(fmt::format("the sweep's store lacks point {}", number));
    }
    return evaluate(sweep_, number, *outcome, folder_.file(sweep_store_file));
  }

  void write_all() {
    Writers writers;
    for (const ResultFormat format : formats_) {
      writers.push_back(make_result_writer(format, sweep_, folder_));
    }
    constexpr std::size_t most_at_a_time = 1024;  // some kilobytes each
    const std::size_t at_a_time = std::min(4 * group * threads_, most_at_a_time);
    std::vector<Written> points(std::min(at_a_time, sweep_.points.size()));
    for (std::size_t begin = 0; begin < sweep_.points.size(); begin += at_a_time) {
      points.resize(std::min(points.size(), sweep_.points.size() - begin));
      make(writers, begin, points);
      for (const Written& point : points) {
        for (std::size_t i = 0; i < writers.size(); ++i) {
          writers[i]->add(point.result, point.texts[i]);
        }
        take(point.result);
      }
    }
    front_ = front_builder_.take();
    for (const auto& writer : writers) {
      writer->commit(front_);
    }
    remove_results(folder_, formats_);  // of an earlier end, which the files that stay no longer tell of
  }

  /// Makes the sweep's points from the place `begin` on. What they mean, and its text, takes longer than to
  /// write it. The points before lend their memory.
  void make(const Writers& writers, std::size_t begin, std::vector<Written>& points) {
    const std::vector<double> groups((points.size() + group - 1) / group, 1.0);
    parallel_each(groups, threads_, [&](std::size_t number) {
      for (std::size_t i = number * group; i < std::min((number + 1) * group, points.size()); ++i) {
        points[i].result = result_of(sweep_.points[begin + i]);
        points[i].texts.resize(writers.size());
        for (std::size_t k = 0; k < writers.size(); ++k) {
          points[i].texts[k] = writers[k]->text(points[i].result);
        }
        points[i].result.layers = {};  // they are in the text, and large
      }
    });
  }

  void take(const PointResult& result) {
    if (result.status == PointResult::Status::failed) {
      ++summary_.failed;
      if (summary_.first_failures.size() < shown_failures) {
        summary_.first_failures.emplace_back(result.point.number, result.reason);
      }
    }
    if (result.status == PointResult::Status::ok && !result.reason.empty()) {
      summary_.first_lossy = summary_.lossy == 0 ? result.point.number : summary_.first_lossy;
      summary_.first_loss = summary_.lossy == 0 ? result.reason : summary_.first_loss;
      ++summary_.lossy;
    }
    summary_.infeasible += result.status == PointResult::Status::infeasible ? 1 : 0;
    std::vector<double> values = objective_values(sweep_, result);
    if (!values.empty()) {
      front_builder_.add(result.point.number, std::move(values));
    }
  }

  void write_front() {
    if (sweep_.objectives.empty()) {
      std::error_code ignored;  // of the same sweep with objectives
      std::filesystem::remove(folder_.file(sweep_front_file), ignored);
      return;
    }
    ResultFile file(folder_.file(sweep_front_file));
    file.write(csv_header(sweep_));
    for (const std::uint64_t number : front_) {
      const PointResult result = result_of(number);
      file.write(csv_line(sweep_, result));
      summary_.front.push_back(number);
      if (summary_.front_rows.size() < shown_front) {
        summary_.front_rows.push_back(front_row(result));
      }
    }
    file.commit();
  }

  void add_base_rows() {
    if (sweep_.objectives.empty()) {
      return;
    }
    for (const std::uint64_t number : base_points(sweep_)) {
      if (summary_.base_rows.size() < shown_front) {
        summary_.base_rows.push_back(front_row(result_of(number)));
      }
    }
  }

  std::string objective_text(const PointResult& result, const Objective& objective) const {
    if (result.status != PointResult::Status::ok) {
      return status_name(result.status);
    }
    const std::optional<double> value = metric_number(result.metrics[objective.metric]);
    return value ? fmt::format("{:.6g}", *value) : "not known";
  }

  std::vector<std::string> front_row(const PointResult& result) const {
    std::vector<std::string> row = {fmt::format("{}", result.point.number)};
    for (std::size_t i = 0; i < sweep_.axes().size(); ++i) {
      row.push_back(sweep_.axes()[i].labels[result.point.choices[i]]);
    }
    for (const Objective& objective : sweep_.objectives) {
      row.push_back(objective_text(result, objective));
    }
    return row;
  }

  const Sweep& sweep_;
  const Identity& identity_;
  const SweepStore& store_;
  const SweepFolder& folder_;
  const ResultFormats& formats_;
  const std::size_t threads_;
  std::mutex one_reads_;  ///< of the store
  SweepSummary summary_;
  FrontBuilder front_builder_;
  std::vector<std::uint64_t> front_;
};

}  // namespace

SweepSummary write_results(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                           const SweepFolder& folder, const ResultFormats& formats, std::size_t threads) {
  return ResultsWriter(sweep, identity, store, folder, formats, threads).write();
}

}  // namespace lacuna
