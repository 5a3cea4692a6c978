#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <type_traits>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/files/output_file.h"
#include "sim/training/training_state.h"

namespace lacuna {
namespace {

constexpr char magic[] = "lacuna checkpoint 4\n";
constexpr std::size_t checksum_size = 64;

[[noreturn]] void damaged(const std::string& path) {
  throw InputDataError({path, 0, ""}, "is damaged or no checkpoint",
                       "a checkpoint as training writes it, or --restart");
}

/// Plain values one after the other.
class Writer {
 public:
  template <class T>
  void value(const T& number) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(T));
  }
  template <class Container>
  void plain(const Container& values) {
    value(std::uint64_t{values.size()});
    bytes_.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(typename Container::value_type));
  }
  template <class Item, class Each>
  void list(const std::vector<Item>& items, Each each) {
    value(std::uint64_t{items.size()});
    for (const Item& item : items) {
      each(item);
    }
  }
  template <class Item, class Each>
  void optional(const std::optional<Item>& item, Each each) {
    value(item.has_value());
    if (item) {
      each(*item);
    }
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a Writer wrote; never beyond the end, and never allocates more than there are bytes.
class Reader {
 public:
  Reader(const std::string& bytes, std::size_t next, std::size_t end, const std::string& path)
      : bytes_(bytes), next_(next), end_(end), path_(path) {}

  template <class T>
  void value(T& number) {
    take(&number, sizeof(T));
  }
  template <class Container>
  void plain(Container& values) {
    values.resize(count(sizeof(typename Container::value_type)));
    take(values.data(), values.size() * sizeof(typename Container::value_type));
  }
  template <class Item, class Each>
  void list(std::vector<Item>& items, Each each) {
    items.resize(count(1));
    for (Item& item : items) {
      each(item);
    }
  }
  template <class Item, class Each>
  void optional(std::optional<Item>& item, Each each) {
    std::uint8_t there = 0;
    value(there);
    item.reset();
    if (there != 0) {
      each(item.emplace());
    }
  }
  bool at_end() const { return next_ == end_; }

 private:
  std::size_t count(std::size_t item_size) {
    std::uint64_t size = 0;
    value(size);
    if (size > (end_ - next_) / item_size) {
      damaged(path_);
    }
    return static_cast<std::size_t>(size);
  }
  void take(void* to, std::size_t size) {
    if (size > end_ - next_) {
      damaged(path_);
    }
    if (size > 0) {
      std::memcpy(to, bytes_.data() + next_, size);
      next_ += size;
    }
  }

  const std::string& bytes_;
  std::size_t next_;
  std::size_t end_;
  const std::string& path_;
};

// One description of each structure, for both directions.

template <class Archive, class Self>
void archive_evaluation(Archive& a, Self& e) {
  a.value(e.images);
  a.value(e.correct);
  a.value(e.loss_sum);
}

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
  Writer writer;
  archive_state(writer, state);
  std::string content = magic + identity + "\n" + writer.take();
  content += sha256_text(content);
  write_output(path, content);
}

TrainingState read_checkpoint(const std::string& path, const std::string& identity) {
  std::ifstream stream(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::size_t start = sizeof(magic) - 1;
  const bool whole = content.size() > start + checksum_size && content.compare(0, start, magic) == 0;
  const std::size_t end = whole ? content.size() - checksum_size : 0;
  const std::size_t line_end = whole ? content.find('\n', start) : std::string::npos;
  if (!stream || line_end >= end || sha256_bytes(content.data(), end) != content.substr(end)) {
    damaged(path);
  }
  if (content.compare(start, line_end - start, identity) != 0) {
    throw ConfigurationError({path, 0, ""},
                             "belongs to another training (recipe, data, program or libraries)",
                             "the same recipe on the same machine, another folder, or --restart");
  }
  Reader reader(content, line_end + 1, end, path);
  TrainingState state;
  archive_state(reader, state);
  if (!reader.at_end()) {
    damaged(path);
  }
  return state;
}

}  // namespace lacuna
