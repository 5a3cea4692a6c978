#include "sim/search/run/run_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/search/run/candidate_ranking.h"
#include "sim/search/run/search_points.h"
#include "sim/search/run/search_results.h"
#include "sim/sweep/dealing.h"
#include "sim/sweep/join_stores.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {
namespace {

class SearchRun {
 public:
  SearchRun(const Search& search, const std::string& folder, const SearchOptions& options, Hands hands = {})
      : search_(search),
        options_(options),
        hands_(hands),
        source_(search),
        computed_(search, options.make_network, options.libraries),
        folder_(folder),
        points_(folder_, search.digest, options, hands),
        dealer_(hands.shard.count) {}

  const std::string& folder() const { return folder_.path(); }
  SearchPoints& points() { return points_; }

  /// Returns what is missing, which with hands for all is nothing.
  SearchRest run() {
    outcome_.space = source_.space();
    outcome_.is_whole = source_.is_whole();
    outcome_.filters.resize(search_.filters.size());
    look_at_candidates();
    measure_others();
    score();
    if (rest_.count() == 0) {
      rank_candidates(search_.config, outcome_);
      train();
    }
    return rest_;
  }

  SearchOutcome write() {
    write_files();
    return std::move(outcome_);
  }

 private:
  /// Candidates are the same whatever the number of jobs or shards and however many come at a time.
  std::uint64_t batch_size() const {
    constexpr std::uint64_t alone = 64;
    constexpr std::uint64_t of_shard = 32;  // and so many for each shard, before others' are guessed at
    return hands_.shard.is_whole() ? alone : of_shard * hands_.shard.count;
  }

  void look_at_candidates() {
    while (!is_enough() && outcome_.candidates.size() < search_.draws) {
      const std::uint64_t left = search_.draws - outcome_.candidates.size();
      std::vector<Genotype> drawn = source_.next(static_cast<std::size_t>(std::min(batch_size(), left)));
      if (drawn.empty()) {
        break;
      }
      std::vector<Candidate> candidates;
      for (Genotype& genotype : drawn) {
        Candidate& each = candidates.emplace_back();
        each.parameters = computed_.parameters(genotype);
        each.multiply_accumulates = computed_.products(genotype);
        each.machines.resize(search_.machines.size());
        each.genotype = std::move(genotype);
      }
      const std::size_t counted = static_cast<std::size_t>(
          std::count_if(search_.filters.begin(), search_.filters.end(),
                        [](const SearchFilter& each) { return each.subject < SearchFilter::Subject::plan; }));
      for (std::size_t filter = 0; filter < search_.filters.size(); ++filter) {
        if (filter == counted) {
          deal(passed(candidates));
        }
        apply(filter, candidates);
      }
      if (counted == search_.filters.size()) {
        deal(passed(candidates));
      }
      take(std::move(candidates));
      if (hands_.whose == Hands::Whose::none && options_.progress) {
        options_.progress({"candidates", outcome_.candidates.size(), search_.draws});
      }
    }
    if (passed_ == 0 && unknown_ == 0) {
      refuse_all();
    }
  }

  /// The costliest first, each to the shard with the least so far.
  void deal(std::vector<Candidate*> candidates) {
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate* a, const Candidate* b) {
      return a->multiply_accumulates > b->multiply_accumulates;
    });
    for (Candidate* each : candidates) {
      each->shard = dealer_.next(std::min(each->multiply_accumulates, max_expected_cost));
    }
  }

  /// Whether so many have passed as are wanted. Those that are not known pass as often as those that are.
  bool is_enough() const {
    const std::uint64_t wanted = search_.config.samples;
    return unknown_ == 0 ? passed_ >= wanted : known_ > 0 && passed_ * (known_ + unknown_) >= wanted * known_;
  }

  /// Until there are enough; what a batch has beyond them counts nowhere.
  void take(std::vector<Candidate> candidates) {
    for (Candidate& each : candidates) {
      if (is_enough()) {
        break;
      }
      for (std::size_t filter = 0; filter < each.looked_at_by; ++filter) {
        ++outcome_.filters[filter].looked_at;
      }
      if (each.rejected_by) {
        ++outcome_.filters[*each.rejected_by].rejected;
      }
      passed_ += each.passed() ? 1 : 0;
      known_ += each.shard > 0 && !each.unknown ? 1 : 0;
      unknown_ += each.unknown ? 1 : 0;
      outcome_.candidates.push_back(std::move(each));
      if (outcome_.candidates.back().unknown) {
        note_missing(SearchRest::Of::candidates, outcome_.candidates.back().shard);
      }
    }
  }

  void note_missing(SearchRest::Of of, std::uint64_t shard) {
    rest_.of = of;
    ++missing_[shard];
    rest_.missing.clear();
    for (const auto& [index, count] : missing_) {
      rest_.missing.emplace_back(Shard{index, hands_.shard.count}, count);
    }
  }

  void apply(std::size_t position, std::vector<Candidate>& candidates) {
    using Subject = SearchFilter::Subject;
    const SearchFilter& filter = search_.filters[position];
    const std::vector<Candidate*> left = passed(candidates);
    if (filter.subject == Subject::plan) {
      plan(filter.machine, left);
    } else if (filter.subject == Subject::machine) {
      measure(filter.machine, left);
    } else if (filter.subject == Subject::fisher_ratio) {
      score(left, {"candidates", outcome_.candidates.size(), search_.draws});
    }
    if (filter.subject == Subject::fisher_ratio) {
      need_original(left);
    }
    for (Candidate* each : left) {
      if (each->unknown) {
        continue;
      }
      ++each->looked_at_by;
      if (each->failure.empty() && !passes(filter, *each)) {
        each->rejected_by = position;
      }
    }
  }

  bool passes(const SearchFilter& filter, const Candidate& candidate) const {
    switch (filter.subject) {
      case SearchFilter::Subject::parameters:
        return filter.constraint.holds(static_cast<double>(candidate.parameters));
      case SearchFilter::Subject::multiply_accumulates:
        return filter.constraint.holds(static_cast<double>(candidate.multiply_accumulates));
      case SearchFilter::Subject::fisher_ratio:
        return filter.constraint.holds(candidate.scores->fisher / *original_fisher_);
      case SearchFilter::Subject::plan:
      case SearchFilter::Subject::machine:
        break;
    }
    return filter.passes(*candidate.machines[filter.machine]);
  }

  /// The potential that ratios are of; where it is another shard's, the candidates are not known.
  void need_original(const std::vector<Candidate*>& candidates) {
    if (original_fisher_ || candidates.empty()) {
      return;
    }
    const std::string key = computed_.original_key();
    const auto compute = [this](const std::function<bool()>& stop) {
      return stop() ? std::nullopt : std::optional<PointOutcome>(computed_.score_original());
    };
    points_.complete({{key, 0, compute}}, {"scores", 0, 1});
    const std::optional<PointOutcome> found = points_.get(key);
    if (!found) {
      std::for_each(candidates.begin(), candidates.end(), [](Candidate* each) { each->unknown = true; });
    } else if (found->failed()) {
      throw ConfigurationError({{}, 0, "search.filters"},
                               "the skeleton with Conv in every place cannot be scored: " + found->error,
                               "no filter on fisher_ratio");
    } else {
      original_fisher_ = CandidatePoints::read_scores(*found).fisher;
    }
  }

  using Compute = std::function<std::optional<PointOutcome>(const Genotype&, const std::function<bool()>&)>;

  /// Has a point of each candidate, and gives it to `take`; one that failed becomes the candidate's failure.
  void complete(const std::vector<Candidate*>& candidates, const char* what, SearchProgress progress,
                const std::function<std::string(const Genotype&)>& key, const Compute& compute,
                const std::function<void(Candidate&, const PointOutcome&)>& take) {
    std::vector<SearchTask> tasks;
    for (const Candidate* each : candidates) {
      const Genotype& genotype = each->genotype;
      tasks.push_back({key(genotype), each->shard, [&genotype, &compute](const std::function<bool()>& stop) {
                         return stop() ? std::nullopt : compute(genotype, stop);
                       }});
    }
    points_.complete(tasks, progress);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::optional<PointOutcome> found = points_.get(tasks[i].key);
      if (!found) {
        candidates[i]->unknown = true;
      } else if (found->failed()) {
        candidates[i]->failure = std::string(what) + ": " + found->error;
      } else {
        take(*candidates[i], *found);
      }
    }
  }

  /// Those that this machine has not been asked about yet.
  void measure(std::size_t machine, std::vector<Candidate*> candidates) {
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate* each) {
                                      const auto& known = each->machines[machine];
                                      return known && known->front();
                                    }),
                     candidates.end());
    complete(
        candidates, search_.machines[machine].name.c_str(),
        {"candidates", outcome_.candidates.size(), search_.draws},
        [&](const Genotype& genotype) { return computed_.measure_key(machine, genotype); },
        [&](const Genotype& genotype, const auto& /*stop*/) { return computed_.measure(machine, genotype); },
        [&](Candidate& candidate, const PointOutcome& found) {
          MachineFigures figures = CandidatePoints::read_figures(found);
          std::optional<double>& planned = figures[planned_cycles_metric];
          if (!planned && candidate.machines[machine]) {
            planned = (*candidate.machines[machine])[planned_cycles_metric];  // as it was asked before
          }
          candidate.machines[machine] = std::move(figures);
        });
  }

  void plan(std::size_t machine, const std::vector<Candidate*>& candidates) {
    complete(
        candidates, search_.machines[machine].name.c_str(),
        {"candidates", outcome_.candidates.size(), search_.draws},
        [&](const Genotype& genotype) { return computed_.plan_key(machine, genotype); },
        [&](const Genotype& genotype, const auto& /*stop*/) { return computed_.plan(machine, genotype); },
        [&](Candidate& candidate, const PointOutcome& found) {
          candidate.machines[machine] = CandidatePoints::read_figures(found);
        });
  }

  static std::vector<Candidate*> passed(std::vector<Candidate>& candidates) {
    std::vector<Candidate*> left;
    for (Candidate& each : candidates) {
      if (each.passed()) {
        left.push_back(&each);
      }
    }
    return left;
  }
  std::vector<Candidate*> passed() { return passed(outcome_.candidates); }

  /// Machines that no filter has asked, for those that passed. What one does not run, another may.
  void measure_others() {
    for (std::size_t machine = 0; machine < search_.machines.size(); ++machine) {
      const std::vector<Candidate*> left = passed();
      measure(machine, left);
      note_unknown(left);
    }
    if (passed().empty() && rest_.count() == 0) {
      refuse_all();
    }
  }

  /// Those of `candidates`, all known before, that are not any more.
  void note_unknown(const std::vector<Candidate*>& candidates) {
    for (const Candidate* each : candidates) {
      if (each->unknown) {
        note_missing(SearchRest::Of::candidates, each->shard);
      }
    }
  }

  void score() {
    if (search_.config.score == SearchScore::random) {
      return;
    }
    const std::vector<Candidate*> left = passed();
    score(left, {"scores", 0, left.size()});
    note_unknown(left);
    if (passed().empty() && rest_.count() == 0) {
      refuse_all();
    }
  }

  void score(const std::vector<Candidate*>& candidates, SearchProgress progress) {
    complete(
        candidates, "score", progress,
        [&](const Genotype& genotype) { return computed_.score_key(genotype); },
        [&](const Genotype& genotype, const auto& /*stop*/) { return computed_.score(genotype); },
        [](Candidate& candidate, const PointOutcome& found) {
          candidate.scores = CandidatePoints::read_scores(found);
        });
  }

  /// Whose attention trained candidates learn; empty where they have no teacher, or another shard has it.
  std::optional<PointOutcome> find_teacher() {
    if (!computed_.has_teacher()) {
      return std::nullopt;
    }
    const std::string key = computed_.teacher_key();
    points_.complete({{key, 0, [this](const auto& stop) { return computed_.train_teacher(stop); }}},
                     {"teacher", 0, 1});
    std::optional<PointOutcome> found = points_.get(key);
    if (found && found->failed()) {
      throw ConfigurationError({{}, 0, "search.training.attention_transfer"},
                               "the skeleton with Conv in every place cannot be trained: " + found->error,
                               "other steps, or no attention_transfer");
    }
    return found;
  }

  void train() {
    if (!search_.config.training) {
      return;
    }
    std::vector<Candidate*> chosen;
    std::set<std::string> best;  // networks: one counts once, whatever machines it stands with
    for (const std::size_t each : outcome_.ranking) {
      Candidate& candidate = outcome_.candidates[each];
      const bool is_best = best.size() < search_.config.training->top &&
                           best.insert(Chosen(search_, candidate.genotype).network_text()).second;
      candidate.is_best = is_best;
      if (is_best || candidate.is_random) {
        chosen.push_back(&candidate);
      }
    }
    dealer_ = ShardDealer(hands_.shard.count);
    deal(chosen);
    const std::optional<PointOutcome> teacher =
        chosen.empty() ? std::optional<PointOutcome>() : find_teacher();
    if (computed_.has_teacher() && !teacher) {
      for (const Candidate* each : chosen) {
        note_missing(SearchRest::Of::trainings, each->shard);
      }
      return;
    }
    complete(
        chosen, "training", {"trainings", 0, chosen.size()},
        [&](const Genotype& genotype) { return computed_.train_key(genotype); },
        [&](const Genotype& genotype, const std::function<bool()>& stop) {
          return computed_.train(genotype, teacher, stop);
        },
        [](Candidate& candidate, const PointOutcome& found) {
          candidate.trained = CandidatePoints::read_trained(found);
        });
    for (const Candidate* each : chosen) {
      if (each->unknown) {
        note_missing(SearchRest::Of::trainings, each->shard);
      }
    }
  }

  [[noreturn]] void refuse_all() const {
    std::string wrong = fmt::format("none of {} candidates passes", outcome_.candidates.size());
    for (std::size_t i = 0; i < search_.filters.size(); ++i) {
      if (outcome_.filters[i].rejected > 0) {
        wrong +=
            fmt::format(", {} fail {}", outcome_.filters[i].rejected, search_.filters[i].constraint.text);
      }
    }
    for (const Candidate& each : outcome_.candidates) {
      if (!each.failure.empty()) {
        wrong += "; the first that cannot be run: " + each.failure;
        break;
      }
    }
    throw ConfigurationError({{}, 0, "search.filters"}, wrong, "wider filters, or more draws");
  }

  void write_files() {
    for (std::size_t i = 0; i < outcome_.candidates.size(); ++i) {
      const Candidate& each = outcome_.candidates[i];
      if (each.trained) {
        write_trained(
            search_,
            computed_.trained_network(each.genotype, points_.get(computed_.train_key(each.genotype)).value()),
            i, folder_.path());
      }
    }
    std::vector<ShownNetwork> networks;
    for (const std::size_t each : shown_candidates(outcome_)) {
      const Genotype& genotype = outcome_.candidates[each].genotype;
      ShownNetwork& shown = networks.emplace_back();
      shown.candidate = each;
      shown.network = computed_.structure(genotype);
      for (std::size_t machine = 0; machine < search_.machines.size(); ++machine) {
        shown.layers.push_back(
            CandidatePoints::read_layers(points_.get(computed_.measure_key(machine, genotype)).value()));
      }
    }
    write_results(search_, outcome_, networks, folder_);
  }

  const Search& search_;
  const SearchOptions& options_;
  const Hands hands_;
  CandidateSource source_;
  CandidatePoints computed_;
  const SweepFolder folder_;
  SearchPoints points_;
  ShardDealer dealer_;
  SearchOutcome outcome_;
  std::optional<double> original_fisher_;
  std::uint64_t passed_ = 0;   ///< of the candidates that were taken
  std::uint64_t known_ = 0;    ///< of those that a shard measures
  std::uint64_t unknown_ = 0;  ///< likewise
  SearchRest rest_;
  std::map<std::uint64_t, std::uint64_t> missing_;  ///< of each shard
};

}  // namespace

std::uint64_t SearchRest::count() const {
  std::uint64_t sum = 0;
  for (const auto& each : missing) {
    sum += each.second;
  }
  return sum;
}

SearchOutcome run_search(const Search& search, const std::string& folder, const SearchOptions& options) {
  SearchRun run(search, folder, options);
  run.run();
  return run.write();
}

SearchShardSummary run_search_shard(const Search& search, const std::string& folder,
                                    const SearchOptions& options, const ShardRecord& record) {
  SearchRun run(search, folder, options, {Hands::Whose::own_shard, record.shard});
  claim_folder(run.folder(), record);
  SearchShardSummary summary;
  summary.shard = record.shard;
  summary.rest = run.run();
  summary.computed = run.points().computed();
  summary.kept = run.points().kept();
  return summary;
}

SearchMergeSummary merge_searches(const Search& search, const std::vector<std::string>& folders,
                                  const std::string& out, const SearchOptions& options,
                                  const CommonRecord& record) {
  check_folders_to_join(folders, out);
  const std::uint64_t count = record.dealt_alike ? record.record.shard.count : 1;
  SearchRun run(search, out, options, {Hands::Whose::none, Shard{1, count}});
  SearchMergeSummary summary;
  summary.added = run.points().join(folders, [&options] { options.progress({"points", 0, 0}); });
  summary.rest = run.run();
  if (summary.rest.count() == 0) {
    summary.outcome = run.write();
  }
  return summary;
}

}  // namespace lacuna
