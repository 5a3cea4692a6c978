#include "sim/eie/validate/published_curves.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

const std::string outlier = "NT-We";

/// A metric of each layer along the axis.
using Curves = std::map<std::string, std::vector<double>>;

/// The results of a sweep over nine layers and one parameter.
class CurveSweep {
 public:
  explicit CurveSweep(SweptPoints swept) : swept_(std::move(swept)) {}

  Curves curves(const std::string& metric) const {
    const std::size_t position = find_name(swept_.metrics, metric).value();
    Curves result;
    for (const SweptPoints::Point& each : swept_.points) {
      result[workload_label(each)].push_back(metric_number(each.values[position]).value());
    }
    return result;
  }

  /// Where a value lies on the axis.
  std::size_t position(const std::string& value) const {
    const std::vector<std::string>& labels = swept_.axes.back().labels;
    return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), value) - labels.begin());
  }

 private:
  /// The published sweeps vary the layer first.
  const std::string& workload_label(const SweptPoints::Point& point) const {
    return swept_.axes.front().labels[point.choices.front()];
  }

  SweptPoints swept_;
};

double mean(const Curves& curves, std::size_t position) {
  double sum = 0.0;
  for (const auto& [layer, values] : curves) {
    sum += values.at(position);
  }
  return sum / static_cast<double>(curves.size());
}

/// Layers whose curve is not ordered by `allowed(earlier, later)` everywhere, as text.
std::string exceptions(const Curves& curves, const std::function<bool(double, double)>& allowed) {
  std::string names;
  for (const auto& [layer, values] : curves) {
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (!allowed(values[i - 1], values[i])) {
        names += (names.empty() ? "" : ", ") + layer;
        break;
      }
    }
  }
  return names.empty() ? "none" : names;
}

void check_depth(const CurveSweep& sweep, std::vector<CurveStatement>& statements) {
  const Curves balance = sweep.curves("load_balance_efficiency");
  const double at_1 = mean(balance, sweep.position("1"));
  const double at_8 = mean(balance, sweep.position("8"));
  const double at_256 = mean(balance, sweep.position("256"));
  constexpr double least_idle = 0.4;
  constexpr double most_idle = 0.6;
  const double idle = 1.0 - at_1;
  statements.push_back({"FIFO depth 1: about half of all cycles idle",
                        fmt::format("{:.0f} % of the cycles idle, mean of nine layers ({:.0f} % for {})",
                                    100.0 * idle, 100.0 * (1.0 - balance.at(outlier).front()), outlier),
                        idle >= least_idle && idle <= most_idle});
  constexpr double share = 0.25;
  statements.push_back({"little gain beyond depth 8",
                        fmt::format("mean efficiency {:.1f} % at depth 1, {:.1f} % at 8, {:.1f} % at 256",
                                    100.0 * at_1, 100.0 * at_8, 100.0 * at_256),
                        at_256 - at_8 <= share * (at_8 - at_1)});
  bool worst = true;
  for (const auto& [layer, values] : balance) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      worst = worst && (layer == outlier || values[i] > balance.at(outlier)[i]);
    }
  }
  statements.push_back({outlier + " stays worst at every depth",
                        fmt::format("{:.1f} % at depth 256; {}", 100.0 * balance.at(outlier).back(),
                                    worst ? "worst at every depth" : "not always worst"),
                        worst});
}

void check_speedup(const CurveSweep& sweep, std::vector<CurveStatement>& statements) {
  double least_speedup = 1e9;
  double outlier_speedup = 0.0;
  std::string least_layer;
  for (const auto& [layer, cycles] : sweep.curves("cycles")) {
    const double speedup = cycles[sweep.position("1")] / cycles[sweep.position("256")];
    if (layer == outlier) {
      outlier_speedup = speedup;
    } else if (speedup < least_speedup) {
      least_speedup = speedup;
      least_layer = layer;
    }
  }
  constexpr double near_linear = 0.6 * 256;
  statements.push_back({"speedup near linear from 1 to 256 PEs, except " + outlier,
                        fmt::format("at 256 PEs at least {:.0f} ({}), {} {:.0f}", least_speedup, least_layer,
                                    outlier, outlier_speedup),
                        least_speedup >= near_linear && outlier_speedup < near_linear / 2});
}

void check_work(const CurveSweep& sweep, std::vector<CurveStatement>& statements) {
  const Curves useful = sweep.curves("useful_work_ratio");
  const std::string rising = exceptions(useful, [](double a, double b) { return b >= a; });
  statements.push_back(
      {"padding zeros fall as PEs rise",
       fmt::format("useful work {:.0f} % at 1 PE, {:.0f} % at 256, mean; exceptions: {}",
                   100.0 * mean(useful, 0), 100.0 * mean(useful, sweep.position("256")), rising),
       rising == "none"});
  const Curves balance = sweep.curves("load_balance_efficiency");
  const std::string falling = exceptions(balance, [](double a, double b) { return b <= a; });
  statements.push_back(
      {"load balance falls as PEs rise",
       fmt::format("{:.1f} % at 1 PE, {:.1f} % at 256, mean; exceptions: {}", 100.0 * mean(balance, 0),
                   100.0 * mean(balance, sweep.position("256")), falling),
       falling == "none"});
}

}  // namespace

std::vector<CurveStatement> check_published_curves(const ValidationSettings& settings) {
  const std::string folder = settings.folders.configurations + "/sweeps";
  std::vector<CurveStatement> statements;
  check_depth(CurveSweep(settings.sweep(folder + "/fifo-depth.yaml")), statements);
  const CurveSweep pe_count(settings.sweep(folder + "/pe-speedup.yaml"));
  check_speedup(pe_count, statements);
  check_work(pe_count, statements);
  return statements;
}

std::string validation_text(const std::vector<CurveStatement>& statements) {
  std::string text = "| published | ours | |\n|---|---|---|\n";
  for (const CurveStatement& s : statements) {
    text += "| " + s.published + " | " + s.ours + " | " + (s.holds ? "holds" : "does not hold") + " |\n";
  }
  return text;
}

}  // namespace lacuna
