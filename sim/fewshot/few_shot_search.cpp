#include "sim/fewshot/few_shot_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/fewshot/adapted_network.h"
#include "sim/fewshot/few_shot_result.h"
#include "sim/fewshot/search_space.h"
#include "sim/files/output_file.h"
#include "sim/report/text_table.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {
namespace {

/// Frames that a machine runs of a candidate: a pipeline's steady state needs two.
constexpr std::size_t frames = 2;

/// Of a straight line, which at equal costs of all networks may come to a little more than these.
constexpr double rounding = 1e-9;

/// Numbers of random networks for calibration; those of searches come before.
constexpr std::uint64_t first_calibration = std::uint64_t{1} << 40;

/// At `at` of the straight line through the logarithms: cycles of random networks lie some tens of times
/// apart, and a line through them as they are would be that of the few largest. All are positive.
double fitted(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const auto count = static_cast<double>(x.size());
  double mean_x = 0.0;
  double mean_y = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += std::log(x[i]) / count;
    mean_y += std::log(y[i]) / count;
  }
  double square = 0.0;
  double product = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    square += (std::log(x[i]) - mean_x) * (std::log(x[i]) - mean_x);
    product += (std::log(x[i]) - mean_x) * (std::log(y[i]) - mean_y);
  }
  return std::exp(square > 0.0 ? mean_y + product / square * (std::log(at) - mean_x) : mean_y);
}

class FewShotSearch {
 public:
  FewShotSearch(const FewShotSearchConfig& config, const FewShotConfig& recipe, const CharacterImages& images,
                const MetaLayout& layout, const MetaValues& values, MetaLearner& learner,
                const CostModel& machine, const std::function<void(const std::string&)>& check)
      : config_(config),
        recipe_(recipe),
        layout_(layout),
        values_(values),
        learner_(learner),
        machine_(machine),
        check_(check),
        validation_(images, recipe, TaskPart::validation),
        test_(images, recipe, TaskPart::test),
        table_(machine, config.measure, 1.0, config.seed, query_images()) {}

  SearchResult run() {
    calibrate();
    SearchResult result;
    std::vector<double> sorted = simulated_;
    std::sort(sorted.begin(), sorted.end());
    result.measure = config_.measure;
    result.budget = sorted[static_cast<std::size_t>(config_.budget * static_cast<double>(sorted.size()))];
    const std::vector<std::pair<const char*, Predictor>> predictors = {
        {"parameters", &FewShotSearch::by_parameters},
        {"multiply_accumulates", &FewShotSearch::by_products},
        {"table", &FewShotSearch::by_table},
        {"simulated", &FewShotSearch::by_simulation},
        {"random", &FewShotSearch::by_simulation}};
    for (const auto& [name, predict] : predictors) {
      result.arms.push_back(arm(name, predict, result.budget));
    }
    return result;
  }

 private:
  using Predictor = double (FewShotSearch::*)(const SubNetwork&);

  SearchArm arm(const std::string& name, Predictor predict, double budget) {
    SubNetworkSearch search;
    search.population = config_.population;
    search.generations = config_.generations;
    search.mutation = config_.mutation;
    search.seed = config_.seed;
    SubNetworkJudge judge;
    judge.is_feasible = [&](const SubNetwork& network) {
      check_(name);
      return (this->*predict)(network) <= budget * (1.0 + rounding);
    };
    judge.fitness = [&](const SubNetwork& network) {
      return once(fitness_, network,
                  [&] { return accuracy(network, validation_, config_.fitness_tasks, name); })
          .mean;
    };
    SearchArm result;
    result.name = name;
    SubNetworkChoice choice;
    try {
      choice = name == "random" ? random_search(search, judge) : genetic_search(search, judge);
    } catch (const NoFeasibleNetwork& none) {
      result.refused = none.draws();
      return result;
    }
    result.found = found(choice.best(), name);
    result.predicted = (this->*predict)(choice.best().network);
    result.refused = choice.refused;
    const auto within =
        std::find_if(choice.judged.begin(), choice.judged.end(),
                     [&](const JudgedSubNetwork& each) { return by_simulation(each.network) <= budget; });
    if (within == choice.judged.begin()) {
      result.within = result.found;
    } else if (within != choice.judged.end()) {
      result.within = found(*within, name);
    }
    return result;
  }

  FoundSubNetwork found(const JudgedSubNetwork& judged, const std::string& name) {
    return {judged.network, by_simulation(judged.network), judged.fitness, once(tests_, judged.network, [&] {
              return accuracy(judged.network, test_, config_.test_tasks, name);
            })};
  }

  TaskAccuracy accuracy(const SubNetwork& network, const TaskSampler& sampler, std::uint32_t tasks,
                        const std::string& name) {
    std::vector<double> accuracies;
    for (std::uint32_t t = 0; t < tasks; ++t) {
      check_(name);
      Task task = sampler.task(t);
      task.network = network;
      accuracies.push_back(learner_.evaluate(values_, task).accuracy());
    }
    return task_accuracy(accuracies);
  }

  void calibrate() {
    for (std::uint32_t i = 0; i < config_.calibration_networks; ++i) {
      check_("calibration");
      const SubNetwork network = random_sub_network(config_.seed, first_calibration + i);
      const double simulated = by_simulation(network);
      if (std::isinf(simulated)) {
        continue;
      }
      simulated_.push_back(simulated);
      parameters_.push_back(counts(network).parameters);
      products_.push_back(counts(network).multiply_accumulates);
      sums_.push_back(sum_of_layers(network));
    }
    if (simulated_.empty()) {
      throw CapacityError(config_.machine.place,
                          fmt::format("holds none of {} networks", config_.calibration_networks),
                          "a machine with more memory");
    }
  }

  LayerCounts counts(const SubNetwork& network) const {
    return counts_of(network.layers(), layout_.image(), recipe_.tasks.ways);
  }
  double sum_of_layers(const SubNetwork& network) { return table_.of(network.layers(), recipe_.tasks.ways); }
  double by_parameters(const SubNetwork& network) {
    return fitted(parameters_, simulated_, counts(network).parameters);
  }
  double by_products(const SubNetwork& network) {
    return fitted(products_, simulated_, counts(network).multiply_accumulates);
  }
  double by_table(const SubNetwork& network) { return fitted(sums_, simulated_, sum_of_layers(network)); }

  /// Networks of the same layers and shared weights have the same key.
  using Key = std::vector<std::size_t>;

  static Key key_of(const SubNetwork& network) {
    Key key;
    for (const ConvolutionConfig& layer : network.layers()) {
      key.insert(key.end(), {layer.channels, layer.kernel, layer.stride});
    }
    const std::vector<std::size_t> positions = network.positions();
    key.insert(key.end(), positions.begin(), positions.end());
    return key;
  }

  /// What is asked again and again of equal networks is computed once.
  template <class Value, class Make>
  static const Value& once(std::map<Key, Value>& known, const SubNetwork& network, Make make) {
    Key key = key_of(network);
    const auto place = known.find(key);
    return place != known.end() ? place->second : known.emplace(std::move(key), make()).first->second;
  }

  /// Of the network adapted to the first validation task, on query images of it.
  double by_simulation(const SubNetwork& network) {
    return once(simulations_, network, [&] { return simulated(network); });
  }

  double simulated(const SubNetwork& network) {
    Task task = validation_.task(0);
    task.network = network;
    const Network adapted = adapted_network(recipe_, layout_, learner_.adapt(values_, task));
    try {
      return machine_.measure(adapted, query_images()).value(config_.measure);
    } catch (const CapacityError&) {
      return std::numeric_limits<double>::infinity();  // whatever the budget, it does not fit
    }
  }

  /// Of the first validation task.
  std::vector<Tensor> query_images() const {
    const Task task = validation_.task(0);
    const std::size_t size = layout_.image().elements();
    std::vector<Tensor> images;
    for (std::size_t frame = 0; frame < frames; ++frame) {
      Tensor image(layout_.image());
      std::copy_n(task.query.values.begin() + static_cast<std::ptrdiff_t>(frame * size), size,
                  image.values.begin());
      images.push_back(std::move(image));
    }
    return images;
  }

  const FewShotSearchConfig& config_;
  const FewShotConfig& recipe_;
  const MetaLayout& layout_;
  const MetaValues& values_;
  MetaLearner& learner_;
  const CostModel& machine_;
  const std::function<void(const std::string&)>& check_;
  TaskSampler validation_;
  TaskSampler test_;
  LayerSum table_;
  std::map<Key, double> simulations_;
  std::map<Key, TaskAccuracy> fitness_;
  std::map<Key, TaskAccuracy> tests_;
  std::vector<double> simulated_;  ///< of the calibration networks
  std::vector<double> parameters_;
  std::vector<double> products_;
  std::vector<double> sums_;
};

}  // namespace

bool is_few_shot_search(const YamlNode& document) {
  return document.find("few_shot_search") != nullptr;
}

FewShotSearchConfig load_few_shot_search(const YamlNode& document) {
  FewShotSearchFile file;
  FieldReader::read_section(document, "", file);
  FewShotSearchConfig& config = file.few_shot_search;
  for (const FilePath* each : {&config.recipe, &config.parameters, &config.machine}) {
    check_exists(*each);
  }
  if (config.measure != CostMeasure::cycles && config.measure != CostMeasure::energy &&
      config.measure != CostMeasure::frame_time) {
    throw ConfigurationError(
        document.find("few_shot_search")->find("measure")->place("few_shot_search.measure"),
        "is not what a machine takes for a frame", "cycles, energy or frame_time");
  }
  return std::move(config);
}

SearchResult search_few_shot(const FewShotSearchConfig& config, const FewShotConfig& recipe,
                             const CharacterImages& images, const MetaLayout& layout,
                             const MetaValues& values, MetaLearner& learner, const CostModel& machine,
                             const std::function<void(const std::string&)>& check) {
  if (!recipe.supernet) {
    throw ConfigurationError(config.recipe.place, "trains one network and no supernet",
                             "a recipe with supernet: true");
  }
  return FewShotSearch(config, recipe, images, layout, values, learner, machine, check).run();
}

MetaValues read_supernet(const FewShotSearchConfig& config, const MetaLayout& layout) {
  return {read_vector_npy(config.parameters.resolved, layout.size()), layout.first_moments()};
}

void write_search(const SearchResult& result, const FewShotConfig& recipe, const CharacterImages& images,
                  const MetaLayout& layout, const MetaValues& values, MetaLearner& learner,
                  const std::string& folder) {
  Task task = TaskSampler(images, recipe, TaskPart::test).task(0);
  for (const SearchArm& arm : result.arms) {
    if (arm.found) {
      task.network = arm.found->network;
      write_adapted(recipe, layout, learner, values, task, folder + "/" + arm.name);
    }
  }
  write_output(folder + "/search.csv", search_csv(result));
}

std::string search_csv(const SearchResult& result) {
  std::string text =
      "constraint_by,measure,layers,budget,predicted,simulated,validation_accuracy,test_accuracy,"
      "test_half_interval_95,refused,within_simulated,within_validation_accuracy,within_test_accuracy,"
      "within_test_half_interval_95\n";
  for (const SearchArm& arm : result.arms) {
    if (!arm.found) {
      text += fmt::format("{},{},,{},,,,,,{},,,,\n", arm.name, name_of(result.measure), result.budget,
                          arm.refused);
      continue;
    }
    const FoundSubNetwork& found = *arm.found;
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}", arm.name, name_of(result.measure),
                        found.network.layers().size(), result.budget, arm.predicted, found.simulated,
                        found.validation_accuracy, found.test.mean, found.test.half_interval, arm.refused);
    text += arm.within ? fmt::format(",{},{},{},{}\n", arm.within->simulated, arm.within->validation_accuracy,
                                     arm.within->test.mean, arm.within->test.half_interval)
                       : ",,,,\n";
  }
  return text;
}

std::string search_text(const SearchResult& result) {
  TextTable table({"constraint by", "layers", std::string(name_of(result.measure)) + " predicted",
                   "simulated", "of budget %", "test %", "+-", "within budget %", "test %", "+-"});
  constexpr double percent = 100.0;
  const auto fixed = [](double value) { return fmt::format("{:.2f}", percent * value); };
  for (const SearchArm& arm : result.arms) {
    if (!arm.found) {
      table.add_row({arm.name, "none", "", "", "", "", "", "none", "", ""});
      continue;
    }
    const FoundSubNetwork& found = *arm.found;
    std::vector<std::string> row = {arm.name,
                                    std::to_string(found.network.layers().size()),
                                    fmt::format("{:.0f}", arm.predicted),
                                    fmt::format("{:.0f}", found.simulated),
                                    fixed(found.simulated / result.budget),
                                    fixed(found.test.mean),
                                    fixed(found.test.half_interval)};
    if (arm.within) {
      row.insert(row.end(), {fixed(arm.within->simulated / result.budget), fixed(arm.within->test.mean),
                             fixed(arm.within->test.half_interval)});
    } else {
      row.insert(row.end(), {"none", "", ""});
    }
    table.add_row(row);
  }
  return table.str();
}

}  // namespace lacuna
