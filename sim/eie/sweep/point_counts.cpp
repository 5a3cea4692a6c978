#include "sim/eie/sweep/point_counts.h"

#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

constexpr auto saturations = eie::PeEvent::accumulator_saturations;
constexpr std::size_t max_name_bytes = 1 << 20;
constexpr std::size_t word_bytes = 8;

std::uint64_t mixed(std::uint64_t digest, std::uint64_t word) {
  digest = (digest ^ word) * 0x9e3779b97f4a7c15ULL;
  return digest ^ (digest >> 29U);
}

/// Calls f(name, member) for every count of a layer: the order in which they are stored.
template <class Layer, class F>
void for_each_count(Layer& layer, F&& f) {
  f("stored_entries", layer.stored_entries);
  f("padding_entries", layer.padding_entries);
  f("true_nonzeros", layer.true_nonzeros);
  f("vectors", layer.sums.vectors);
  f("cycles", layer.sums.cycles);
  f("entries", layer.sums.entries);
  f("macs", layer.sums.macs);
  const auto all = [&](auto& counts, const auto& infos) {
    for (std::size_t i = 0; i < infos.size(); ++i) {
      f(infos[i].name, counts.values[i]);
    }
  };
  all(layer.sums.cycle_classes, eie::cycle_class_info);
  all(layer.sums.pe_events, eie::pe_event_info);
  all(layer.sums.control_events, eie::control_event_info);
  f("labelled", layer.classification.labelled);
  f("correct", layer.classification.correct);
  f("counts of single PEs", layer.pe_digest);
}

void put(std::string& bytes, std::uint64_t word) {
  for (std::size_t i = 0; i < word_bytes; ++i) {
    bytes += static_cast<char>((word >> (8U * i)) & 0xffU);
  }
}

class Reader {
 public:
  Reader(const std::string& bytes, const std::string& store) : bytes_(bytes), store_(store) {}

  bool at_end() const { return next_ == bytes_.size(); }
  std::uint64_t word() {
    const std::string part = text(word_bytes);
    std::uint64_t value = 0;
    for (std::size_t i = word_bytes; i-- > 0;) {
      value = (value << 8U) | static_cast<unsigned char>(part[i]);
    }
    return value;
  }
  std::string text(std::uint64_t size) {
    if (size > max_name_bytes || size > bytes_.size() - next_) {
      throw InputDataError({store_, 0, {}}, "the stored counts of a point are damaged",
                           "delete the folder and run the sweep again");
    }
    next_ += static_cast<std::size_t>(size);
    return bytes_.substr(next_ - static_cast<std::size_t>(size), static_cast<std::size_t>(size));
  }

 private:
  const std::string& bytes_;
  const std::string& store_;
  std::size_t next_ = 0;
};

std::vector<std::pair<std::string, std::uint64_t>> named_counts(const LayerCounts& layer) {
  std::vector<std::pair<std::string, std::uint64_t>> list;
  for_each_count(layer, [&](std::string_view name, std::uint64_t value) { list.emplace_back(name, value); });
  return list;
}

}  // namespace

void LayerCounts::add(const eie::RunResult& result) {
  sums += sums_of(result);
  for (const eie::PeResult& pe : result.pes) {
    for (const std::uint64_t count : pe.cycles.values) {
      pe_digest = mixed(pe_digest, count);
    }
    for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
      if (event != static_cast<std::size_t>(saturations)) {
        pe_digest = mixed(pe_digest, pe.events.values[event]);
      }
    }
  }
}

std::string encode_counts(const std::vector<LayerCounts>& layers) {
  std::string bytes;
  for (const LayerCounts& layer : layers) {
    put(bytes, layer.name.size());
    bytes += layer.name;
    for_each_count(layer, [&](std::string_view, std::uint64_t value) { put(bytes, value); });
  }
  return bytes;
}

std::vector<LayerCounts> decode_counts(const std::string& bytes, const std::string& store) {
  std::vector<LayerCounts> layers;
  for (Reader reader(bytes, store); !reader.at_end();) {
    LayerCounts& layer = layers.emplace_back();
    layer.name = reader.text(reader.word());
    for_each_count(layer, [&](std::string_view, std::uint64_t& value) { value = reader.word(); });
  }
  return layers;
}

std::string first_difference(const std::vector<LayerCounts>& a, const std::vector<LayerCounts>& b) {
  if (a.size() != b.size()) {
    return "they have different numbers of layers";
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto ours = named_counts(a[i]);
    const auto theirs = named_counts(b[i]);
    for (std::size_t count = 0; count < ours.size(); ++count) {
      if (ours[count].second != theirs[count].second) {
        return fmt::format("layer {}: {} {} and {}", a[i].name, ours[count].first, ours[count].second,
                           theirs[count].second);
      }
    }
  }
  return {};
}

}  // namespace lacuna
