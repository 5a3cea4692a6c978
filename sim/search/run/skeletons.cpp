#include "sim/search/run/skeletons.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"
#include "sim/report/text_table.h"
#include "sim/search/block_network.h"
#include "sim/search/block_operations.h"
#include "sim/search/run/channel_removal.h"
#include "sim/search/run/document_digest.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/yaml/error_place.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/overrides.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// A network that is trained from scratch, or cut and tuned, as a search of one candidate.
struct Variant {
  std::string method;
  std::string setting;
  std::string weights;
  std::unique_ptr<Search> search;
  std::unique_ptr<CandidatePoints> points;
  Genotype genotype;
};

struct Row {
  std::string method;
  std::string setting;
  std::string weights;
  std::string blocks;
  std::uint64_t parameters = 0;
  std::uint64_t products = 0;
  TrainedFigures figures;
};

std::string steps_text(const std::vector<StepConfig>& steps) {
  std::vector<std::string> texts;
  texts.reserve(steps.size());
  for (const StepConfig& step : steps) {
    texts.push_back(fmt::format("{{epochs: {}, rate: {}}}", step.epochs, step.rate));
  }
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

class SkeletonRun {
 public:
  SkeletonRun(const YamlNode& document, const Families& families, const std::string& folder,
              const SearchOptions& options)
      : families_(families), options_(options), document_(document) {
    SkeletonsFile file;
    FieldReader::read_section(document, "", file);
    config_ = std::move(file.skeletons);
    remove(document_, {"skeletons"});
    for (YamlEntry& entry : document_.entries) {
      remove(entry.value, {"operations", "filters"});
    }
    shares_ = reals(config_.channels, "channels", 0.001, 0.999);
    std::sort(shares_.begin(), shares_.end(), std::greater<>());
    base_ = make("network", "", "scratch", {});
    if (!base_.search->config.training || base_.search->config.density != 1.0 ||
        base_.search->config.are_quantised() || base_.search->config.training->attention_transfer) {
      throw ConfigurationError(
          {{}, 0, "search"}, "skeletons are trained, with all weights, in no format",
          "search.training without attention_transfer, and neither density, formats nor activations");
    }
    make_variants();  // what is wrong is said before there is a folder
    folder_ = std::make_unique<SweepFolder>(folder);
    store_ = std::make_unique<SweepStore>(folder_->file(sweep_store_file),
                                          sha256_text(document_digest(document) + base_.search->digest));
  }

  std::string run() {
    const bool removes = !config_.channels.empty();
    if (removes) {
      compute({removal_key()}, [&](std::size_t, const std::function<bool()>& stop) { return removed(stop); });
    }
    std::vector<Row> tuned = removes ? narrowed() : std::vector<Row>();
    std::vector<std::string> keys;
    for (const Variant& each : variants_) {
      keys.push_back(each.points->train_key(each.genotype));
    }
    compute(keys, [&](std::size_t i, const std::function<bool()>& stop) {
      return variants_[i].points->train(variants_[i].genotype, std::nullopt, stop);
    });
    std::vector<Row> rows;
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      rows.push_back(row_of(variants_[i], store_->get(keys[i]).value()));
    }
    rows.insert(rows.end(), std::make_move_iterator(tuned.begin()), std::make_move_iterator(tuned.end()));
    write_output(folder_->file(sweep_csv_file), csv(rows));
    return table(rows);
  }

 private:
  static void remove(YamlNode& mapping, const std::vector<std::string>& keys) {
    mapping.entries.erase(std::remove_if(mapping.entries.begin(), mapping.entries.end(),
                                         [&](const YamlEntry& entry) {
                                           return std::find(keys.begin(), keys.end(), entry.key) !=
                                                  keys.end();
                                         }),
                          mapping.entries.end());
  }

  static std::vector<double> reals(const std::vector<YamlNode>& nodes, const char* key, double low,
                                   double high) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      numbers.push_back(read_real(nodes[i], fmt::format("skeletons.{}.{}", key, i), low, high));
    }
    return numbers;
  }

  Variant make(const std::string& method, const std::string& setting, const std::string& weights,
               const std::vector<std::string>& changes) const {
    YamlNode document = document_;
    apply_overrides(document, {"search.blocks=[Conv]"});
    apply_overrides(document, changes);
    Variant made{method, setting, weights, {}, {}, {}};
    made.search = std::make_unique<Search>(load_search(document, families_));
    made.points = std::make_unique<CandidatePoints>(*made.search, options_.make_network, options_.libraries);
    made.genotype.assign(made.search->places, 0);
    return made;
  }

  /// Stages with their numbers changed, as YAML.
  template <class Change>
  std::string stages(Change change) const {
    std::vector<std::string> texts;
    for (SearchStageConfig stage : base_.search->config.skeleton.stages) {
      change(stage);
      texts.push_back(fmt::format("{{blocks: {}, channels: {}, stride: {}}}", stage.blocks, stage.channels,
                                  stage.stride));
    }
    return fmt::format("search.skeleton.stages=[{}]", fmt::join(texts, ", "));
  }

  static std::uint32_t scaled(std::uint32_t channels, double factor) {
    return static_cast<std::uint32_t>(std::max(1.0, std::round(channels * factor)));
  }

  void make_variants() {
    variants_.push_back(make("network", "", "scratch", {}));
    for (const double width : reals(config_.widths, "widths", 1.0 / 64, 16.0)) {
      variants_.push_back(
          make("width", fmt::format("{}", width), "scratch",
               {stages([&](SearchStageConfig& stage) { stage.channels = scaled(stage.channels, width); }),
                fmt::format("search.skeleton.stem_channels={}",
                            scaled(base_.search->config.skeleton.stem_channels, width))}));
    }
    for (std::size_t i = 0; i < config_.depths.size(); ++i) {
      const auto depth = static_cast<std::uint32_t>(
          read_integer(config_.depths[i], fmt::format("skeletons.depths.{}", i), 1, 64));
      variants_.push_back(make("depth", fmt::format("{}", depth), "scratch",
                               {stages([&](SearchStageConfig& stage) { stage.blocks = depth; })}));
    }
    for (std::size_t i = 0; i < config_.blocks.size(); ++i) {
      const std::string path = fmt::format("skeletons.blocks.{}", i);
      const std::string name = read_text(config_.blocks[i], path);
      Variant made = make("block", name, "scratch", {});
      at_place(config_.blocks[i].place(path), [&] {
        made.search->types = {name.find('(') == std::string::npos ? block_type(name) : operation_type(name)};
        block_network(made.search->skeleton, Chosen(*made.search, made.genotype).types());
      });
      variants_.push_back(std::move(made));
    }
    for (const double density : reals(config_.densities, "densities", 0.001, 0.999)) {
      variants_.push_back(make("weights", fmt::format("{}", density), "tuned",
                               {fmt::format("search.density={}", density),
                                "search.training.steps_when_cut=" + steps_text(config_.tune)}));
    }
  }

  std::string removal_key() const {
    std::string text =
        fmt::format("channels {} {} {} {} {} {} {}", base_.points->train_key(base_.genotype),
                    fmt::join(shares_, " "), static_cast<int>(config_.saliency), config_.removed_at_once,
                    steps_text(config_.between), steps_text(config_.tune), options_.libraries);
    return sha256_text(text);
  }

  std::optional<PointOutcome> removed(const std::function<bool()>& stop) const {
    PointOutcome outcome;
    try {
      const std::vector<NarrowedNetwork> found =
          remove_channels(*base_.search, config_, shares_, *base_.points, stop);
      if (found.empty()) {
        return std::nullopt;
      }
      Json json = Json::array();
      for (const NarrowedNetwork& each : found) {
        json.push_back({{"inner", each.inner}, {"figures", CandidatePoints::trained_text(each.figures)}});
      }
      outcome.counts = json.dump();
    } catch (const Error& error) {
      outcome.error = error.what();
    }
    return outcome;
  }

  /// Rows of what was tuned; the same networks from scratch are added to the variants.
  std::vector<Row> narrowed() {
    const PointOutcome outcome = store_->get(removal_key()).value();
    if (outcome.failed()) {
      throw ConfigurationError({{}, 0, "skeletons.channels"}, outcome.error, "channels that can be removed");
    }
    const char* const saliency = channel_saliency_names.begin()[static_cast<std::size_t>(config_.saliency)];
    std::vector<Row> rows;
    const Json json = Json::parse(outcome.counts);
    for (std::size_t i = 0; i < json.size(); ++i) {
      const auto inner = json[i].at("inner").get<std::vector<std::uint32_t>>();
      Variant made =
          make(fmt::format("channels, {}", saliency), fmt::format("{}", shares_[i]), "scratch", {});
      made.search->types = narrow_types(inner);
      std::iota(made.genotype.begin(), made.genotype.end(), std::size_t{0});
      Row row = described(made);
      row.weights = "tuned";
      row.figures = CandidatePoints::read_trained({{}, json[i].at("figures").get<std::string>() + "\n"});
      rows.push_back(std::move(row));
      variants_.push_back(std::move(made));
    }
    return rows;
  }

  template <class Compute>
  void compute(const std::vector<std::string>& keys, Compute compute) {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!store_->has(keys[i])) {
        missing.push_back(i);
      }
    }
    std::mutex mutex;
    std::vector<std::pair<std::string, PointOutcome>> done;
    std::uint64_t kept = keys.size() - missing.size();
    const auto keep = [&] {
      const std::lock_guard<std::mutex> lock(mutex);
      for (const auto& [key, outcome] : done) {
        store_->put(key, outcome);
        store_->commit();
        ++kept;
      }
      done.clear();
    };
    const auto work = [&](const ParallelPart& part) {
      const std::function<bool()> stop = [&] { return part.stopped || (options_.stop && options_.stop()); };
      for (std::size_t i = part.begin; i < part.end && !stop(); ++i) {
        if (std::optional<PointOutcome> outcome = compute(missing[i], stop)) {
          const std::lock_guard<std::mutex> lock(mutex);
          done.emplace_back(keys[missing[i]], std::move(*outcome));
        }
      }
    };
    if (missing.empty()) {
      return;
    }
    try {
      parallel_for_watched({missing.size(), 1, options_.jobs}, work, [&] {
        keep();
        if (options_.progress) {
          options_.progress({"networks", kept, keys.size()});
        }
      });
    } catch (...) {
      keep();
      throw;
    }
    keep();
  }

  static Row described(const Variant& variant) {
    Row row;
    row.method = variant.method;
    row.setting = variant.setting;
    row.weights = variant.weights;
    row.blocks = fmt::format("{}", fmt::join(Chosen(*variant.search, variant.genotype).blocks(), " "));
    row.parameters = variant.points->parameters(variant.genotype);
    row.products = variant.points->products(variant.genotype);
    return row;
  }

  static Row row_of(const Variant& variant, const PointOutcome& outcome) {
    if (outcome.failed()) {
      throw ConfigurationError({{}, 0, "skeletons"},
                               fmt::format("{} {}: {}", variant.method, variant.setting, outcome.error),
                               "networks that can be trained and run");
    }
    Row row = described(variant);
    row.figures = CandidatePoints::read_trained(outcome);
    return row;
  }

  std::string csv(const std::vector<Row>& rows) const {
    std::string text = "method,setting,weights,blocks,parameters,multiply_accumulates,wrong,of,loss";
    for (const SearchMachine& machine : base_.search->machines) {
      for (const char* metric : machine_metric_names) {
        text += fmt::format(",{}.{}", machine.name, metric);
      }
    }
    text += "\n";
    for (const Row& row : rows) {
      text += fmt::format("{},{},{},{},{},{},{},{},{}", csv_quoted(row.method), row.setting, row.weights,
                          csv_quoted(row.blocks), row.parameters, row.products,
                          row.figures.images - row.figures.correct, row.figures.images, row.figures.loss);
      for (const std::optional<MachineFigures>& machine : row.figures.machines) {
        for (std::size_t metric = 0; metric < machine_metric_count; ++metric) {
          const bool known = machine && (*machine)[metric];
          text += known ? fmt::format(",{}", *(*machine)[metric]) : ",";
        }
      }
      text += "\n";
    }
    return text;
  }

  std::string table(const std::vector<Row>& rows) const {
    std::vector<std::string> titles = {"method", "setting", "weights", "parameters", "wrong %"};
    for (const SearchMachine& machine : base_.search->machines) {
      titles.push_back(machine.name + " cycles");
    }
    TextTable text(titles);
    constexpr double percent = 100.0;
    for (const Row& row : rows) {
      std::vector<std::string> cells = {
          row.method, row.setting, row.weights, fmt::format("{}", row.parameters),
          fmt::format("{:.2f}", percent * static_cast<double>(row.figures.images - row.figures.correct) /
                                    static_cast<double>(row.figures.images))};
      for (const std::optional<MachineFigures>& machine : row.figures.machines) {
        cells.push_back(machine && machine->front() ? fmt::format("{:.0f}", *machine->front()) : "-");
      }
      text.add_row(cells);
    }
    return text.str();
  }

  const Families& families_;
  const SearchOptions& options_;
  YamlNode document_;
  SkeletonsConfig config_;
  std::vector<double> shares_;  ///< of channels, descending
  Variant base_;
  std::vector<Variant> variants_;
  std::unique_ptr<SweepFolder> folder_;
  std::unique_ptr<SweepStore> store_;
};

}  // namespace

bool is_skeletons(const YamlNode& document) {
  return document.kind == YamlNode::Kind::mapping && document.find("skeletons") != nullptr;
}

std::string run_skeletons(const YamlNode& document, const Families& families, const std::string& folder,
                          const SearchOptions& options) {
  return SkeletonRun(document, families, folder, options).run();
}

}  // namespace lacuna
