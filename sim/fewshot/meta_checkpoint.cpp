#include "sim/fewshot/meta_training.h"
#include "sim/training/state_file.h"

namespace lacuna {
namespace {

constexpr const char* checkpoint_kind = "lacuna few-shot checkpoint 1";

template <class Archive, class Self>
void archive_values(Archive& a, Self& v) {
  a.plain(v.parameters);
  a.plain(v.moments);
}

/// One description for both directions.
template <class Archive, class Self>
void archive_meta_state(Archive& a, Self& s) {
  a.value(s.epoch);
  a.value(s.iteration);
  a.value(s.updates);
  archive_values(a, s.values);
  a.plain(s.first_moment);
  a.plain(s.second_moment);
  archive_evaluation(a, s.running);
  a.value(s.best_epoch);
  archive_values(a, s.best);
  a.list(s.curve, [&](auto& row) {
    a.value(row.rate);
    a.value(row.second_order);
    a.value(row.last_weight);
    archive_evaluation(a, row.training);
    a.value(row.validation.mean);
    a.value(row.validation.half_interval);
  });
  a.plain(s.test);
}

}  // namespace

void write_meta_checkpoint(const MetaState& state, const std::string& identity, const std::string& path) {
  write_state_file(checkpoint_kind, identity, path,
                   [&](StateWriter& writer) { archive_meta_state(writer, state); });
}

MetaState read_meta_checkpoint(const std::string& path, const std::string& identity) {
  MetaState state;
  read_state_file(checkpoint_kind, identity, path,
                  [&](StateReader& reader) { archive_meta_state(reader, state); });
  return state;
}

}  // namespace lacuna
