#include <string>

#include "sim/training/state_file.h"
#include "sim/training/training_state.h"

namespace lacuna {
namespace {

constexpr const char* checkpoint_kind = "lacuna checkpoint 5";

// One description of each structure, for both directions.

template <class Archive, class Self>
void archive_number_format(Archive& a, Self& number) {
  a.value(number.kind);
  for (auto* each : {&number.width_bits, &number.point, &number.exponent, &number.bias,
                     &number.negative_centre, &number.positive_centre}) {
    a.value(*each);
  }
}

template <class Archive, class Self>
void archive_format(Archive& a, Self& f) {
  archive_number_format(a, f.format);
  a.value(f.scale);
  a.value(f.coding_scale);
  a.plain(f.components);
  a.value(f.incremental);
  a.value(f.learn_scale);
  a.value(f.scale_velocity);
}

template <class Archive, class Self>
void archive_norm(Archive& a, Self& n) {
  a.value(n.batches);
  for (auto* numbers : {&n.mean, &n.variance}) {
    a.plain(*numbers);
  }
}

template <class Archive, class Self>
void archive_gates(Archive& a, Self& g) {
  a.value(g.winners);
  a.value(g.lanes);
  a.value(g.lasso);
  archive_norm(a, g.norm);
  for (auto* numbers : {&g.weights, &g.bias, &g.weight_velocity, &g.bias_velocity}) {
    a.plain(*numbers);
  }
}

template <class Archive, class Self>
void archive_layer(Archive& a, Self& l) {
  a.plain(l.name);
  a.value(l.position);
  a.value(l.surgery_threshold);
  a.plain(l.shape);
  for (auto* numbers : {&l.weights, &l.bias, &l.uncut, &l.codebook, &l.weight_velocity, &l.bias_velocity,
                        &l.codebook_velocity, &l.reals}) {
    a.plain(*numbers);
  }
  for (auto* bytes : {&l.mask, &l.codes, &l.bias_codes, &l.settled}) {
    a.plain(*bytes);
  }
  a.value(l.activation_lasso);
  a.value(l.takes_gates);
  a.optional(l.norm, [&](auto& norm) { archive_norm(a, norm); });
  a.optional(l.activations, [&](auto& format) { archive_number_format(a, format); });
  a.optional(l.gates, [&](auto& gates) { archive_gates(a, gates); });
  a.optional(l.format, [&](auto& format) { archive_format(a, format); });
}

template <class Archive, class Self>
void archive_searched(Archive& a, Self& n) {
  a.value(n.kind);
  a.value(n.value);
}

template <class Archive, class Self>
void archive_search(Archive& a, Self& s) {
  archive_evaluation(a, s.baseline);
  a.value(s.first_cost);
  a.value(s.cost);
  a.list(s.groups, [&](auto& group) {
    archive_searched(a, group.number);
    a.value(group.step);
    a.list(group.refused, [&](auto& number) { archive_searched(a, number); });
  });
  a.list(s.moves, [&](auto& move) {
    a.value(move.group);
    archive_searched(a, move.number);
    a.value(move.cost_before);
    a.value(move.cost_after);
    archive_evaluation(a, move.validation);
    a.value(move.taken);
  });
  a.list(s.origin, [&](auto& layer) { archive_layer(a, layer); });
}

template <class Archive, class Self>
void archive_outcome(Archive& a, Self& o) {
  a.value(o.changed);
  for (auto* each : {&o.cut_validation, &o.cut_test, &o.validation, &o.test}) {
    archive_evaluation(a, *each);
  }
  a.list(o.layers, [&](auto& layer) {
    a.value(layer.weights);
    a.value(layer.nonzeros);
    a.value(layer.shared_values);
  });
  a.list(o.cost_cuts, [&](auto& cut) {
    a.value(cut.layer);
    a.value(cut.form);
    a.value(cut.weights);
    a.value(cut.saliency);
    a.value(cut.loss);
    a.value(cut.cost_before);
    a.value(cut.cost_after);
  });
  archive_search(a, o.search);
}

template <class Archive, class Self>
void archive_state(Archive& a, Self& s) {
  a.value(s.phase);
  a.value(s.stage);
  a.value(s.epoch);
  a.value(s.batch);
  a.value(s.epochs_done);
  archive_evaluation(a, s.running);
  a.list(s.layers, [&](auto& layer) { archive_layer(a, layer); });
  a.list(s.best_layers, [&](auto& layer) { archive_layer(a, layer); });
  a.value(s.best_epoch);
  a.value(s.best_loss);
  a.list(s.curve, [&](auto& row) {
    a.value(row.phase);
    a.value(row.epoch);
    a.value(row.rate);
    archive_evaluation(a, row.training);
    archive_evaluation(a, row.validation);
  });
  a.list(s.outcomes, [&](auto& outcome) { archive_outcome(a, outcome); });
}

}  // namespace

void write_checkpoint(const TrainingState& state, const std::string& identity, const std::string& path) {
  write_state_file(checkpoint_kind, identity, path,
                   [&](StateWriter& writer) { archive_state(writer, state); });
}

TrainingState read_checkpoint(const std::string& path, const std::string& identity) {
  TrainingState state;
  read_state_file(checkpoint_kind, identity, path,
                  [&](StateReader& reader) { archive_state(reader, state); });
  return state;
}

}  // namespace lacuna
