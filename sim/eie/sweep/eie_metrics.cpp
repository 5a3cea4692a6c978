#include "sim/eie/sweep/eie_metrics.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/counters.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

constexpr auto saturations = eie::PeEvent::accumulator_saturations;
constexpr auto row_reads = eie::PeEvent::spmat_row_reads;
constexpr auto row_reuses = eie::PeEvent::spmat_row_reuses;
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
  f("weights", layer.formats.weights);
  f("clipped weights", layer.formats.weights_clipped);
  f("weights rounded to zero", layer.formats.weights_to_zero);
  f("outputs", layer.formats.outputs);
  f("outputs at the ends of their format", layer.formats.outputs_at_ends);
  f("bits of the outputs' signal", layer.formats.signal_bits);
  f("bits of the outputs' noise", layer.formats.noise_bits);
  f("counts of single PEs", layer.pe_digest);
  f("row reads of single PEs", layer.row_digest);
  if (layer.memory) {
    f("cycles of runs", layer.memory->run_cycles);
    f("items overlapped", layer.memory->items_overlapped);
    all(layer.memory->exposed_cycles, memory::phase_info);
    all(layer.memory->under_way_cycles, memory::phase_info);
    all(layer.memory->bytes, memory::phase_info);
    all(layer.memory->bursts, memory::phase_info);
  }
}

void put(std::string& bytes, std::uint64_t word) {
  std::array<char, word_bytes> little_endian{};
  for (std::size_t i = 0; i < word_bytes; ++i) {
    little_endian[i] = static_cast<char>((word >> (8U * i)) & 0xffU);
  }
  bytes.append(little_endian.data(), little_endian.size());
}

class Reader {
 public:
  Reader(const std::string& bytes, const std::string& store) : bytes_(bytes), store_(store) {}

  bool at_end() const { return next_ == bytes_.size(); }
  std::uint64_t word() {
    const std::string_view part = text(word_bytes);
    std::uint64_t value = 0;
    for (std::size_t i = word_bytes; i-- > 0;) {
      value = (value << 8U) | static_cast<unsigned char>(part[i]);
    }
    return value;
  }
  std::string_view text(std::uint64_t size) {
    if (size > max_name_bytes || size > bytes_.size() - next_) {
      throw InputDataError({store_, 0, {}}, "the stored counts of a point are damaged",
                           "delete the folder and run the sweep again");
    }
    next_ += static_cast<std::size_t>(size);
    return std::string_view(bytes_).substr(next_ - static_cast<std::size_t>(size),
                                           static_cast<std::size_t>(size));
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

namespace {

std::uint64_t bits_of(double number) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  return bits;
}

double double_of(std::uint64_t bits) {
  double number = 0.0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void FormatCounts::set_weights(const QuantisationTally& tally) {
  weights = tally.values;
  weights_clipped = tally.clipped;
  weights_to_zero = tally.vanished;
}

void FormatCounts::set_error(const QuantisationTally& tally) {
  signal_bits = bits_of(tally.signal);
  noise_bits = bits_of(tally.noise);
}

void FormatCounts::add_outputs(const std::vector<std::int32_t>& values, const FixedFormat& format) {
  outputs += values.size();
  outputs_at_ends +=
      static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [&](std::int64_t v) {
        return v == format.max_raw() || v == format.min_raw();
      }));
}

void add(Measures& measures, const LayerCounts& layer) {
  if (measures.memory && layer.memory) {
    measures.memory->times += *layer.memory;
  }
  measures.sums += layer.sums;
  measures.stored_entries += layer.stored_entries;
  measures.padding_entries += layer.padding_entries;
  measures.true_nonzeros += layer.true_nonzeros;
  measures.classification.labelled += layer.classification.labelled;
  measures.classification.correct += layer.classification.correct;
  const FormatCounts& formats = layer.formats;
  measures.outputs.values += formats.outputs;
  measures.outputs.clipped += formats.outputs_at_ends;
  measures.outputs.signal += double_of(formats.signal_bits);
  measures.outputs.noise += double_of(formats.noise_bits);
  measures.weights_clipped_share =
      std::max(measures.weights_clipped_share, share_of(formats.weights_clipped, formats.weights));
  measures.weights_to_zero_share =
      std::max(measures.weights_to_zero_share, share_of(formats.weights_to_zero, formats.weights));
}

void RowReads::add(const std::vector<std::uint64_t>& pe_reads, std::size_t pe_count) {
  for (std::size_t pe = 0; pe < pe_count; ++pe) {
    reads += pe_reads[pe];
    digest = mixed(digest, pe_reads[pe]);
  }
}

namespace {

/// Odd factors of a PE's counts: cycle classes, then events. Row reads and reuses have the same one, so that
/// an entry counts whether its row was read for it or not; saturations have none.
const std::array<std::uint64_t, eie::cycle_class_count + eie::pe_event_count>& count_factors() {
  static const auto factors = [] {
    std::array<std::uint64_t, eie::cycle_class_count + eie::pe_event_count> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = mixed(mixed(0, i + 1), i) | 1U;
    }
    const auto of_event = [&](eie::PeEvent event) -> std::uint64_t& {
      return all[eie::cycle_class_count + static_cast<std::size_t>(event)];
    };
    of_event(row_reuses) = of_event(row_reads);
    of_event(saturations) = 0;
    return all;
  }();
  return factors;
}

}  // namespace

void RunCounts::add(const eie::RunResult& result) {
  sums += sums_of(result);
  const auto& factors = count_factors();
  for (const eie::PeResult& pe : result.pes) {
    std::uint64_t counts = 0;  // a sum, whose products need not wait for each other
    for (std::size_t i = 0; i < eie::cycle_class_count; ++i) {
      counts += pe.cycles.values[i] * factors[i];
    }
    for (std::size_t i = 0; i < eie::pe_event_count; ++i) {
      counts += pe.events.values[i] * factors[eie::cycle_class_count + i];
    }
    pe_digest = mixed(pe_digest, counts);
    row_digest = mixed(row_digest, pe.events[row_reads]);
  }
}

RunCounts RunCounts::with(const RowReads& rows) const {
  RunCounts counts = *this;
  eie::PeEventCounts& events = counts.sums.pe_events;
  const std::uint64_t entries = events[row_reads] + events[row_reuses];
  events[row_reads] = rows.reads;
  events[row_reuses] = entries - rows.reads;
  counts.row_digest = rows.digest;
  return counts;
}

void LayerCounts::add(const RunCounts& run) {
  sums += run.sums;
  pe_digest = mixed(pe_digest, run.pe_digest);
  row_digest = mixed(row_digest, run.row_digest);
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

std::vector<LayerCounts> decode_counts(const std::string& bytes, const std::string& store, bool with_memory) {
  std::vector<LayerCounts> layers;
  for (Reader reader(bytes, store); !reader.at_end();) {
    LayerCounts& layer = layers.emplace_back();
    layer.name = reader.text(reader.word());
    if (with_memory) {
      layer.memory.emplace();
    }
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

namespace {

using eie::CycleClass;

/// Calls put(group, name, value) for each metric, whose name is both together; the one place that lists them.
/// Names are put together by those who want them: for a sweep's points only values are.
template <class Put>
void for_each_metric(const Measures& m, Put&& put) {
  const auto add = [&](std::string_view name, const MetricValue& value) { put("", name, value); };
  const double pes = m.machine.pe_count;
  const double time_us = static_cast<double>(m.sums.cycles) / m.machine.clock_mhz;
  add("cycles", m.sums.cycles);
  add("time_us", time_us);
  add("theoretical_cycles", static_cast<double>(m.sums.entries) / pes);
  add("load_balance_efficiency", load_balance_efficiency(m.sums.cycle_classes));
  add("useful_work_ratio", useful_work_ratio(m.true_nonzeros, m.stored_entries));
  constexpr double pj_per_nj = 1e3;
  const auto energy = [&](double picojoules) {
    return m.energy ? MetricValue(picojoules / pj_per_nj) : MetricValue();
  };
  const EnergyReport report = m.energy.value_or(EnergyReport{});
  add("energy_nj", energy(report.total_pj()));
  add("area_mm2", m.area.mm2 ? MetricValue(*m.area.mm2) : MetricValue());
  add("vectors", m.sums.vectors);
  add("stored_entries", m.stored_entries);
  add("padding_entries", m.padding_entries);
  add("true_nonzeros", m.true_nonzeros);
  add("entries_processed", m.sums.entries);
  add("macs", m.sums.macs);
  for (std::size_t kind = 0; kind < eie::cycle_class_count; ++kind) {
    const bool busy = kind == static_cast<std::size_t>(CycleClass::busy);
    put(busy ? "" : "stall_cycles.", busy ? "busy_cycles" : eie::cycle_class_info[kind].name,
        m.sums.cycle_classes.values[kind]);
  }
  for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
    const bool known =
        event != static_cast<std::size_t>(eie::PeEvent::accumulator_saturations) || m.has_values;
    put("counters.", eie::pe_event_info[event].name,
        known ? MetricValue(m.sums.pe_events.values[event]) : MetricValue());
  }
  for (std::size_t event = 0; event < eie::control_event_count; ++event) {
    put("counters.", eie::control_event_info[event].name, m.sums.control_events.values[event]);
  }
  for (std::size_t module = 0; module < module_count; ++module) {
    put("energy_nj.", module_names[module], energy(m.energy ? report.modules[module].total_pj() : 0.0));
  }
  for (std::size_t event = 0; event < EieCosts::costed().events.size(); ++event) {
    const bool known =
        event != static_cast<std::size_t>(eie::PeEvent::accumulator_saturations) || m.has_values;
    put("energy_nj.events.", EieCosts::costed().events[event].name,
        known ? energy(m.energy ? report.event_pj[event] : 0.0) : MetricValue());
  }
  const ModuleEnergy sum = report.sum();
  add("energy_nj.random", energy(sum.random_pj));
  add("energy_nj.gated", energy(sum.gated_pj));
  add("energy_nj.skipped", energy(sum.skipped_pj));
  add("energy_nj.clock", energy(sum.clock_pj));
  add("energy_nj.leakage", energy(sum.leakage_pj));
  const auto& [correct, labelled] = m.classification;
  const bool classified = m.has_values && labelled > 0;
  add("accuracy",
      classified ? MetricValue(static_cast<double>(correct) / static_cast<double>(labelled)) : MetricValue());
  add("classification.correct", classified ? MetricValue(correct) : MetricValue());
  add("classification.labelled", classified ? MetricValue(labelled) : MetricValue());
  add("weights_clipped_share", m.weights_clipped_share);
  add("weights_to_zero_share", m.weights_to_zero_share);
  const bool has_outputs = m.has_values && m.outputs.values > 0;
  add("output_error_db", has_outputs ? error_metric(m.outputs) : MetricValue());
  add("outputs_clipped_share", has_outputs ? MetricValue(m.outputs.clipped_share()) : MetricValue());
  add("power_mw",
      m.energy && time_us > 0.0 ? MetricValue(sum.total_pj() / time_us / pj_per_nj) : MetricValue());
  if (m.memory) {
    put("memory.", "run_cycles", m.memory->times.run_cycles);
    put("memory.", "exposed_cycles", m.memory->exposed_cycles());
    for (std::size_t phase = 0; phase < memory::phase_count; ++phase) {
      put("memory.exposed_cycles.", memory::phase_info[phase].name,
          m.memory->times.exposed_cycles.values[phase]);
    }
    for (std::size_t phase = 0; phase < memory::phase_count; ++phase) {
      put("memory.bytes.", memory::phase_info[phase].name, m.memory->times.bytes.values[phase]);
    }
    put("memory.", "energy_nj", m.memory->total_energy_pj() / pj_per_nj);
  }
}

/// Takes one number out of the declared parameters.
struct NumberOf {
  std::string_view wanted;
  std::optional<double> found;

  template <class T>
  void integer(std::string_view key, T value, std::uint64_t, std::uint64_t, std::string_view) {
    take(key, static_cast<double>(value));
  }
  void real(std::string_view key, double value, double, double, std::string_view) { take(key, value); }
  void boolean(std::string_view, bool, std::string_view) {}
  template <class T>
  void choice(std::string_view, T, std::initializer_list<const char*>, std::string_view) {}

  void take(std::string_view key, double value) {
    if (key == wanted) {
      found = value;
    }
  }
};

}  // namespace

const std::vector<std::string>& eie_metric_names(bool with_memory) {
  const auto names_of = [](bool memory) {
    Measures measures;
    if (memory) {
      measures.memory.emplace();
    }
    std::vector<std::string> list;
    for_each_metric(measures, [&](std::string_view group, std::string_view name, const MetricValue&) {
      list.push_back(std::string(group) + std::string(name));
    });
    return list;
  };
  static const std::vector<std::string> names = names_of(false);
  static const std::vector<std::string> memory_names = names_of(true);
  return with_memory ? memory_names : names;
}

std::vector<MetricValue> metrics_of(const Measures& measures) {
  std::vector<MetricValue> values;
  values.reserve(eie_metric_names(measures.memory.has_value()).size());
  for_each_metric(measures, [&](std::string_view, std::string_view, const MetricValue& value) {
    values.push_back(value);
  });
  return values;
}

bool needs_energy(std::string_view metric) {
  return metric.substr(0, 6) == "energy" || metric == "power_mw";
}

bool needs_values(std::string_view metric) {
  return needs_labels(metric) || metric == "output_error_db" || metric == "outputs_clipped_share" ||
         metric == "counters.accumulator_saturations" || metric == "energy_nj.events.accumulator_saturations";
}

bool needs_labels(std::string_view metric) {
  return metric == "accuracy" || metric.substr(0, 15) == "classification.";
}

std::optional<double> parameter_number(const eie::Parameters& machine, std::string_view key) {
  NumberOf number{key, {}};
  eie::Parameters::describe(machine, number);
  return number.found;
}

}  // namespace lacuna
