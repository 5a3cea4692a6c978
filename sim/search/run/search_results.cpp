#include "sim/search/run/search_results.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
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

std::string header(const Search& search) {
  std::string line = "candidate,blocks,parameters,multiply_accumulates";
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
  std::string line = fmt::format("{},{},{},{}", number, genotype_text(search, candidate.genotype),
                                 candidate.parameters, candidate.multiply_accumulates);
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
      if (const std::optional<double>& value = (*machines[i])[metric++]) {
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
               {"blocks", Json::array()},
               {"parameters", candidate.parameters},
               {"multiply_accumulates", candidate.multiply_accumulates},
               {"machines", machines_json(search, candidate.machines)},
               {"random", candidate.is_random}};
  for (const std::size_t type : candidate.genotype) {
    json["blocks"].push_back(std::string(search.types[type].name));
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

/// Those that are worth a line of their own: trained, or else the ten best.
std::vector<std::size_t> shown(const SearchOutcome& outcome) {
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
  for (const std::size_t each : shown(outcome)) {
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

}  // namespace

void write_trained(const Search& search, const Network& network, std::size_t number,
                   const std::string& folder) {
  Network named = network;
  named.name = fmt::format("candidate {}", number);
  write_network(named, search.config.test, fmt::format("{}/network-{}", folder, number));
}

void write_results(const Search& search, const SearchOutcome& outcome, const SweepFolder& folder) {
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
  for (const std::size_t each : shown(outcome)) {
    json["networks"].push_back(candidate_json(search, outcome.candidates[each], each));
  }
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
    const std::size_t top = search.config.training->top;
    text += mean_text("best", outcome, [top](const Candidate& each) { return *each.rank <= top; });
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
