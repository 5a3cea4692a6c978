#include "sim/report/numbers_report.h"

#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/files/npy_output.h"
#include "sim/files/output_file.h"
#include "sim/report/text_table.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json tally_json(const QuantisationTally& tally) {
  const std::optional<double> error = tally.error_db();
  return {{"nonzeros", tally.values},
          {"clipped_share", tally.clipped_share()},
          {"to_zero_share", tally.vanished_share()},
          {"error_db", error ? Json(*error) : Json(nullptr)}};
}

std::string percent(double share) {
  // What is there is not shown as 0.
  constexpr double least_shown = 0.01;
  const double percent = 100.0 * share;
  return percent > 0.0 && percent < least_shown ? "<0.01" : fmt::format("{:.2f}", percent);
}

}  // namespace

std::string lost_sentence(const std::string& layer, const char* what, double clipped_share,
                          double to_zero_share) {
  // Small numbers that round to zero are what pruning would leave out.
  constexpr double much_clipped = 0.001;
  constexpr double much_to_zero = 0.5;
  std::string lost;
  if (clipped_share >= much_clipped) {
    lost = percent(clipped_share) + " % clip";
  }
  if (to_zero_share >= much_to_zero) {
    lost += (lost.empty() ? "" : ", ") + percent(to_zero_share) + " % round to zero";
  }
  return lost.empty() ? lost
                      : fmt::format("layer '{}': of the {} that are not zero {} in the machine's format",
                                    layer, what, lost);
}

Json numbers_json(const LayerNumbers& numbers) {
  return {{"weights", tally_json(numbers.weights)}, {"activations", tally_json(numbers.activations)}};
}

std::string decibel_text(const std::optional<double>& decibel) {
  return decibel ? fmt::format("{:.1f}", *decibel) : "-";
}

std::string numbers_text(const std::vector<Measured>& layers) {
  TextTable table(
      {"numbers", "weights clip %", "to zero %", "error dB", "activations clip %", "to zero %", "error dB"});
  bool any = false;
  for (const Measured& layer : layers) {
    if (!layer.numbers) {
      continue;
    }
    any = true;
    std::vector<std::string> row = {layer.name};
    for (const QuantisationTally* tally : {&layer.numbers->weights, &layer.numbers->activations}) {
      row.push_back(tally->values == 0 ? "-" : percent(tally->clipped_share()));
      row.push_back(tally->values == 0 ? "-" : percent(tally->vanished_share()));
      row.push_back(decibel_text(tally->error_db()));
    }
    table.add_row(std::move(row));
  }
  return any ? table.str() : std::string();
}

std::vector<std::string> numbers_notes(const std::vector<Measured>& layers) {
  std::vector<std::string> notes;
  for (const Measured& layer : layers) {
    if (!layer.numbers) {
      continue;
    }
    for (const auto& [what, tally] :
         {std::pair<const char*, const QuantisationTally&>{"weights", layer.numbers->weights},
          {"activations", layer.numbers->activations}}) {
      std::string sentence = lost_sentence(layer.name, what, tally.clipped_share(), tally.vanished_share());
      if (!sentence.empty()) {
        notes.push_back(std::move(sentence));
      }
    }
  }
  return notes;
}

std::string reference_text(const std::vector<LayerValues>& values) {
  TextTable table({"against floating point", "values", "SQNR dB", "largest error"});
  bool any = false;
  for (const LayerValues& layer : values) {
    if (layer.error) {
      any = true;
      const std::optional<double> error = layer.error->error_db();
      table.add_row({layer.name, fmt::format("{}", layer.vectors * layer.elements()),
                     error                      ? fmt::format("{:.1f}", -*error)
                     : layer.error->noise > 0.0 ? "-"
                                                : "exact",
                     fmt::format("{:.6g}", layer.error->largest_error)});
    }
  }
  return any ? table.str() : std::string();
}

KeptValues kept_values_of(const std::string& path) {
  const auto ends_with = [&](const std::string& end) {
    return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
  };
  if (ends_with(".npy")) {
    return KeptValues::of_last_layer;
  }
  if (ends_with(".npz")) {
    return KeptValues::of_all_layers;
  }
  throw ConfigurationError({path, 0, "--outputs"}, "says no format",
                           "FILE.npy for the last layer, FILE.npz for all");
}

namespace {

std::vector<double> real_values(const LayerValues& layer) {
  std::vector<double> reals;
  reals.reserve(layer.raw.size());
  for (const std::int64_t raw : layer.raw) {
    reals.push_back(std::ldexp(static_cast<double>(raw), layer.unit_exponent));
  }
  return reals;
}

std::vector<std::size_t> whole_shape(const LayerValues& layer) {
  std::vector<std::size_t> shape = {layer.vectors};
  shape.insert(shape.end(), layer.shape.begin(), layer.shape.end());
  return shape;
}

class Archive {
 public:
  void add(const LayerValues& layer) {
    const std::string name = free_name(layer);
    const std::vector<std::size_t> shape = whole_shape(layer);
    put(name, npy_of(real_values(layer), shape));
    put(name + ".raw", npy_of(layer.raw, shape));
    put(name + ".unit_exponent", npy_of(std::vector<std::int64_t>{layer.unit_exponent}, {}));
    put(name + ".format", npy_of(layer.format));
    if (!layer.reference.empty()) {
      put(name + ".reference", npy_of(layer.reference, shape));
    }
  }

  const std::vector<std::pair<std::string, std::string>>& arrays() const { return arrays_; }

 private:
  std::string free_name(const LayerValues& layer) const {
    std::string name = layer.name;
    for (int number = 2; is_taken(name); ++number) {
      name = fmt::format("{}#{}", layer.name, number);
    }
    return name;
  }

  bool is_taken(const std::string& name) const {
    for (const char* part : {"", ".raw", ".unit_exponent", ".format", ".reference"}) {
      if (names_.count(name + part) != 0) {
        return true;
      }
    }
    return false;
  }

  void put(const std::string& name, std::string bytes) {
    names_.insert(name);
    arrays_.emplace_back(name, std::move(bytes));
  }

  std::set<std::string> names_;
  std::vector<std::pair<std::string, std::string>> arrays_;
};

}  // namespace

void write_values(const std::string& path, const std::vector<LayerValues>& values) {
  if (kept_values_of(path) == KeptValues::of_last_layer) {
    const LayerValues& last = values.back();
    write_output(path, npy_of(real_values(last), whole_shape(last)));
    return;
  }
  Archive archive;
  for (const LayerValues& layer : values) {
    archive.add(layer);
  }
  write_npz(path, archive.arrays());
}

}  // namespace lacuna
