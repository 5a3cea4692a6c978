#include "sim/search/run/search_results.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "sim/files/output_file.h"
#include "sim/network/write_network.h"
#include "sim/report/text_formats.h"
#include "sim/report/text_table.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

std::string number_text(std::optional<double> value) {
  return value ? fmt::format("{}", *value) : "";
}

/// What is chosen beside blocks, where there is a choice.
struct ChoiceColumn {
  std::string name;
  std::function<std::string(const Chosen& chosen)> text;
};

std::vector<ChoiceColumn> choice_columns(const Search& search) {
  const auto joined = [](const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
  };
  std::vector<ChoiceColumn> columns;
  if (!search.config.formats.empty()) {
    columns.push_back({"formats", [joined](const Chosen& chosen) { return joined(chosen.formats()); }});
  }
  if (!search.config.activations.empty()) {
    columns.push_back(
        {"activations", [joined](const Chosen& chosen) { return joined(chosen.activations()); }});
  }
  if (!search.config.lanes.empty()) {
    columns.push_back({"lanes", [joined](const Chosen& chosen) { return joined(chosen.lanes()); }});
  }
  for (std::size_t machine = 0; machine < search.machines.size(); ++machine) {
    if (search.machines[machine].variants.size() > 1) {
      columns.push_back({search.machines[machine].name + ".choices",
                         [machine](const Chosen& chosen) { return chosen.variant(machine).text; }});
    }
  }
  return columns;
}

std::string blocks_text(const Chosen& chosen) {
  return fmt::format("{}", fmt::join(chosen.blocks(), " "));
}

std::string header(const Search& search) {
  std::string line = "candidate,blocks,parameters,multiply_accumulates";
  for (const ChoiceColumn& column : choice_columns(search)) {
    line += "," + column.name;
  }
  const auto add_machines = [&](const char* before) {
    for (const SearchMachine& machine : search.machines) {
      for (const char* metric : machine_metric_names) {
        line += fmt::format(",{}{}.{}", before, machine.name, metric);
      }
    }
  };
  add_machines("");
  line += ",rejected_by,failure,fisher,naswot,gradient_norm,rank,random,test_correct,test_images,test_loss";
  add_machines("trained.");
  return line + "\n";
}

void add_figures(const std::vector<std::optional<MachineFigures>>& machines, std::size_t count,
                 std::string& line) {
  for (std::size_t machine = 0; machine < count; ++machine) {
    for (std::size_t metric = 0; metric < machine_metric_count; ++metric) {
      const bool known = machine < machines.size() && machines[machine];
      line += "," + (known ? number_text((*machines[machine])[metric]) : "");
    }
  }
}

std::string csv_line(const Search& search, const Candidate& candidate, std::size_t number) {
  const Chosen chosen(search, candidate.genotype);
  std::string line = fmt::format("{},{},{},{}", number, csv_quoted(blocks_text(chosen)), candidate.parameters,
                                 candidate.multiply_accumulates);
  for (const ChoiceColumn& column : choice_columns(search)) {
    line += "," + csv_quoted(column.text(chosen));
  }
  add_figures(candidate.machines, search.machines.size(), line);
  line += "," + (candidate.rejected_by ? search.filters[*candidate.rejected_by].constraint.text : "");
  line += "," + csv_quoted(candidate.failure);
  line += candidate.scores ? fmt::format(",{},{},{}", candidate.scores->fisher, candidate.scores->naswot,
                                         candidate.scores->gradient_norm)
                           : ",,,";
  line += fmt::format(",{},{}", candidate.rank ? fmt::format("{}", *candidate.rank) : "",
                      candidate.is_random ? 1 : 0);
  if (candidate.trained) {
    line += fmt::format(",{},{},{}", candidate.trained->correct, candidate.trained->images,
                        candidate.trained->loss);
    add_figures(candidate.trained->machines, search.machines.size(), line);
  } else {
    line += ",,,";
    add_figures({}, search.machines.size(), line);
  }
  return line + "\n";
}

Json machines_json(const Search& search, const std::vector<std::optional<MachineFigures>>& machines) {
  Json json = Json::object();
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (!machines[i]) {
      continue;
    }
    Json& figures = json[search.machines[i].name] = Json::object();
    std::size_t metric = 0;
    for (const char* name : machine_metric_names) {
      const std::optional<double>& value = (*machines[i])[metric++];
      if (value && std::isfinite(*value)) {
        figures[name] = *value;
      }
    }
  }
  return json;
}

Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json candidate_json(const Search& search, const Candidate& candidate, std::size_t number) {
  Json json = {{"candidate", number},
               {"blocks", Chosen(search, candidate.genotype).blocks()},
               {"parameters", candidate.parameters},
               {"multiply_accumulates", candidate.multiply_accumulates},
               {"machines", machines_json(search, candidate.machines)},
               {"random", candidate.is_random}};
  for (const ChoiceColumn& column : choice_columns(search)) {
    json["choices"][column.name] = column.text(Chosen(search, candidate.genotype));
  }
  if (candidate.rank) {
    json["rank"] = *candidate.rank;
  }
  if (candidate.scores) {
    json["scores"] = {{"fisher", finite(candidate.scores->fisher)},
                      {"naswot", finite(candidate.scores->naswot)},
                      {"gradient_norm", finite(candidate.scores->gradient_norm)}};
  }
  if (candidate.trained) {
    json["trained"] = {{"network", fmt::format("network-{}/network.yaml", number)},
                       {"correct", candidate.trained->correct},
                       {"images", candidate.trained->images},
                       {"loss", finite(candidate.trained->loss)},
                       {"machines", machines_json(search, candidate.trained->machines)}};
  }
  return json;
}

const char* score_name(SearchScore score) {
  return search_score_names.begin()[static_cast<std::size_t>(score)];
}

double wrong_percent(const TrainedFigures& figures) {
  return 100.0 * static_cast<double>(figures.images - figures.correct) / static_cast<double>(figures.images);
}

std::string filters_text(const Search& search, const SearchOutcome& outcome) {
  TextTable table({"filter", "looked at", "rejected", "%"});
  for (std::size_t i = 0; i < search.filters.size(); ++i) {
    const FilterTally& tally = outcome.filters[i];
    const double share = tally.looked_at == 0 ? 0.0
                                              : 100.0 * static_cast<double>(tally.rejected) /
                                                    static_cast<double>(tally.looked_at);
    table.add_row({search.filters[i].constraint.text, fmt::format("{}", tally.looked_at),
                   fmt::format("{}", tally.rejected), fmt::format("{:.1f}", share)});
  }
  return search.filters.empty() ? "" : table.str();
}

std::string best_text(const Search& search, const SearchOutcome& outcome) {
  std::vector<std::string> titles = {"candidate", "rank", "random", "parameters"};
  for (const SearchMachine& machine : search.machines) {
    titles.push_back(machine.name + " cycles");
  }
  titles.emplace_back(score_name(search.config.score));
  titles.emplace_back("wrong %");
  TextTable table(titles);
  for (const std::size_t each : shown_candidates(outcome)) {
    const Candidate& candidate = outcome.candidates[each];
    std::vector<std::string> row = {fmt::format("{}", each), fmt::format("{}", *candidate.rank),
                                    candidate.is_random ? "yes" : "",
                                    fmt::format("{}", candidate.parameters)};
    for (const auto& machine : candidate.machines) {
      row.push_back(machine && machine->front() ? fmt::format("{:.0f}", *machine->front()) : "-");
    }
    double score = 0.0;
    if (candidate.scores) {
      score = search.config.score == SearchScore::fisher   ? candidate.scores->fisher
              : search.config.score == SearchScore::naswot ? candidate.scores->naswot
                                                           : candidate.scores->gradient_norm;
    }
    row.push_back(candidate.scores ? fmt::format("{:.5g}", score) : "-");
    row.push_back(candidate.trained ? fmt::format("{:.2f}", wrong_percent(*candidate.trained)) : "");
    table.add_row(row);
  }
  return table.str();
}

/// Mean error of some of the trained.
template <class Wanted>
std::string mean_text(const char* what, const SearchOutcome& outcome, Wanted wanted) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const Candidate& each : outcome.candidates) {
    if (each.trained && wanted(each)) {
      sum += wrong_percent(*each.trained);
      ++count;
    }
  }
  return count == 0 ? ""
                    : fmt::format("{} of {}: {:.2f} % wrong on average\n", what, count,
                                  sum / static_cast<double>(count));
}

/// Layers of a network and what they take on each machine, for whoever draws them.
Json layers_json(const Search& search, const ShownNetwork& shown) {
  Json layers = Json::array();
  for (const NetworkLayer& layer : shown.network.layers) {
    Json json = {{"name", layer.name},
                 {"kind", kind_name(layer.kind)},
                 {"shape", layer.shape.text()},
                 {"inputs", layer.inputs},
                 {"cycles", Json::object()}};
    for (std::size_t machine = 0; machine < shown.layers.size(); ++machine) {
      for (const FrameCost::Layer& cost : shown.layers[machine]) {
        if (cost.name == layer.name) {
          json["cycles"][search.machines[machine].name] = cost.cycles;
        }
      }
    }
    layers.push_back(std::move(json));
  }
  return layers;
}

/// Candidates of which a page draws points: all, or of very many those that passed and the first others.
std::vector<std::size_t> drawn_candidates(const SearchOutcome& outcome) {
  constexpr std::size_t most = 20000;
  std::vector<std::size_t> drawn(outcome.candidates.size());
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  std::stable_partition(drawn.begin(), drawn.end(),
                        [&](std::size_t each) { return outcome.candidates[each].passed(); });
  drawn.resize(std::min(drawn.size(), most));
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

/// What is known of candidates, a list for each figure.
Json columns_json(const Search& search, const SearchOutcome& outcome) {
  const std::vector<std::size_t> drawn = drawn_candidates(outcome);
  Json columns = Json::object();
  const auto add = [&](const std::string& name, auto&& value) {
    Json& column = columns[name] = Json::array();
    for (const std::size_t each : drawn) {
      column.push_back(value(outcome.candidates[each], each));
    }
  };
  add("candidate", [](const Candidate& /*each*/, std::size_t number) { return Json(number); });
  add("end", [&](const Candidate& each, std::size_t /*number*/) {
    return Json(each.rejected_by        ? search.filters[*each.rejected_by].constraint.text
                : !each.failure.empty() ? "cannot be run"
                                        : "passed");
  });
  add("parameters", [](const Candidate& each, std::size_t /*number*/) { return Json(each.parameters); });
  add("multiply_accumulates",
      [](const Candidate& each, std::size_t /*number*/) { return Json(each.multiply_accumulates); });
  for (std::size_t machine = 0; machine < search.machines.size(); ++machine) {
    std::size_t metric = 0;
    for (const char* name : machine_metric_names) {
      add(search.machines[machine].name + "." + name, [&](const Candidate& each, std::size_t /*number*/) {
        const auto& figures = each.machines[machine];
        return figures && (*figures)[metric] ? finite(*(*figures)[metric]) : Json(nullptr);
      });
      ++metric;
    }
  }
  const auto add_score = [&](const char* name, double NetworkScores::*score) {
    add(name, [score](const Candidate& each, std::size_t /*number*/) {
      return each.scores ? finite(*each.scores.*score) : Json(nullptr);
    });
  };
  add_score("fisher", &NetworkScores::fisher);
  add_score("naswot", &NetworkScores::naswot);
  add_score("gradient_norm", &NetworkScores::gradient_norm);
  add("rank", [](const Candidate& each, std::size_t /*number*/) {
    return each.rank ? Json(*each.rank) : Json(nullptr);
  });
  add("wrong_percent", [](const Candidate& each, std::size_t /*number*/) {
    return each.trained ? Json(wrong_percent(*each.trained)) : Json(nullptr);
  });
  return columns;
}

}  // namespace

std::vector<std::size_t> shown_candidates(const SearchOutcome& outcome) {
  std::vector<std::size_t> found;
  for (const std::size_t each : outcome.ranking) {
    if (outcome.candidates[each].trained) {
      found.push_back(each);
    }
  }
  if (found.empty()) {
    constexpr std::size_t best = 10;
    found.assign(outcome.ranking.begin(), outcome.ranking.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                        best, outcome.ranking.size())));
  }
  return found;
}

void write_trained(const Search& search, const Network& network, std::size_t number,
                   const std::string& folder) {
  Network named = network;
  named.name = fmt::format("candidate {}", number);
  write_network(named, search.config.test, fmt::format("{}/network-{}", folder, number));
}

void write_results(const Search& search, const SearchOutcome& outcome,
                   const std::vector<ShownNetwork>& networks, const SweepFolder& folder) {
  std::string csv = header(search);
  for (std::size_t i = 0; i < outcome.candidates.size(); ++i) {
    csv += csv_line(search, outcome.candidates[i], i);
  }
  write_output(folder.file(sweep_csv_file), csv);

  Json json = {{"schema", "lacuna.search/1"},
               {"program", "lacuna"},
               {"version", program_version()},
               {"commit", program_commit()},
               {"search", search.digest},
               {"space", outcome.space},
               {"whole", outcome.is_whole},
               {"looked_at", outcome.candidates.size()},
               {"passed", outcome.ranking.size()},
               {"failed", outcome.failed},
               {"score", score_name(search.config.score)},
               {"filters", Json::array()},
               {"networks", Json::array()}};
  for (std::size_t i = 0; i < search.filters.size(); ++i) {
    json["filters"].push_back({{"filter", search.filters[i].constraint.text},
                               {"looked_at", outcome.filters[i].looked_at},
                               {"rejected", outcome.filters[i].rejected}});
  }
  for (const ShownNetwork& each : networks) {
    Json& network = json["networks"].emplace_back(
        candidate_json(search, outcome.candidates[each.candidate], each.candidate));
    network["layers"] = layers_json(search, each);
  }
  json["candidates"] = columns_json(search, outcome);
  write_output(folder.file(sweep_json_file), pretty_json(json));
}

std::string outcome_text(const Search& search, const SearchOutcome& outcome) {
  std::string text = fmt::format("{} of {:.4g} networks looked at, {} passed", outcome.candidates.size(),
                                 outcome.space, outcome.ranking.size());
  text += outcome.failed == 0
              ? "\n"
              : fmt::format(", {} cannot be run or scored (results.csv says why)\n", outcome.failed);
  text += filters_text(search, outcome) + best_text(search, outcome);
  if (search.config.training) {
    text += mean_text("best", outcome, [](const Candidate& each) { return each.is_best; });
    text += mean_text("random", outcome, [](const Candidate& each) { return each.is_random; });
  }
  return text;
}

std::string shard_text(const SearchShardSummary& summary) {
  std::string text = fmt::format("shard {}: {} points computed now, {} from before; ", summary.shard.text(),
                                 summary.computed, summary.kept);
  switch (summary.rest.of) {
    case SearchRest::Of::nothing:
      return text + "nothing of the search is missing: lacuna merge writes the results\n";
    case SearchRest::Of::candidates:
      return text + "of other shards' candidates some are not known here: lacuna merge joins them\n";
    case SearchRest::Of::trainings:
      break;
  }
  return text + "others train the rest: lacuna merge joins them\n";
}

std::string rest_text(const SearchMergeSummary& summary, const std::string& out) {
  const bool trains = summary.rest.of == SearchRest::Of::trainings;
  std::string text = fmt::format("{} points are joined; {} {} are missing; no results are written\n",
                                 summary.added, summary.rest.count(), trains ? "trainings" : "candidates");
  for (const auto& [shard, count] : summary.rest.missing) {
    text += shard.is_whole() ? ""
                             : fmt::format("missing: {} {} of --shard {}\n", count,
                                           trains ? "trainings" : "candidates", shard.text());
  }
  return text + fmt::format(
                    "run these shards again with --reuse {0} and merge once more, or run the search without "
                    "--shard in {0}\n",
                    out);
}

}  // namespace lacuna
