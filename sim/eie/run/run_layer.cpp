#include "sim/eie/run/run_layer.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"

namespace lacuna {
namespace {

using eie::CycleClass;
using eie::PeEvent;

LayerRun empty_run(const eie::MemoryImage& image) {
  LayerRun run;
  run.stored_entries = image.stored_entries;
  run.padding_entries = image.padding_entries;
  for (std::size_t pe = 0; pe < image.geometry.pe_count; ++pe) {
    run.pes.push_back({{}, image.entries_of(pe)});
  }
  return run;
}

}  // namespace

RunSums sums_of(const eie::RunResult& result) {
  RunSums sums;
  sums.vectors = 1;
  sums.cycles = result.cycles;
  sums.control_events = result.control;
  for (const eie::PeResult& pe : result.pes) {
    sums.pe_events += pe.events;
    sums.cycle_classes += pe.cycles;
  }
  sums.entries = sums.cycle_classes[CycleClass::busy];
  sums.macs = sums.pe_events[PeEvent::multiplies];
  return sums;
}

void add_result(eie::RunResult result, LayerRun& run) {
  run.sums += sums_of(result);
  run.vector_cycles.push_back(result.cycles);
  for (std::size_t pe = 0; pe < run.pes.size(); ++pe) {
    run.pes[pe].cycle_classes += result.pes[pe].cycles;
    run.pes[pe].events += result.pes[pe].events;
  }
  if (!result.outputs.empty()) {
    run.outputs.push_back(std::move(result.outputs));
  }
}

namespace {

eie::MemoryImage checked_image(eie::MemoryImage image, const eie::Parameters& machine,
                               const eie::Layer& layer, const eie::CodedMatrix* natural) {
  try {
    eie::check_capacity(machine, layer, image);
  } catch (const CapacityError& error) {
    if (natural != nullptr) {
      eie::check_capacity(machine, layer, eie::encode(*natural, eie::image_geometry(machine)));
      throw CapacityError({}, fmt::format("in this row_order {}", error.what()), "row_order: natural fits");
    }
    throw;
  }
  return image;
}

}  // namespace

eie::MemoryImage fitting_image(const eie::Parameters& machine, const eie::Layer& layer,
                               const eie::CodedMatrix* natural) {
  return checked_image(eie::encode(layer.matrix, eie::image_geometry(machine)), machine, layer, natural);
}

eie::MemoryImage fitting_image(eie::Engine& engine, const eie::Layer& layer,
                               const eie::CodedMatrix* natural) {
  return checked_image(engine.image_of(layer), engine.parameters(), layer, natural);
}

LayerRun run_layer(eie::Engine& engine, const QuantisedLayer& layer, const eie::MemoryImage& image,
                   eie::Outputs outputs, const VectorProgress& progress) {
  LayerRun run = empty_run(image);
  const std::size_t vectors = layer.activations.size();
  for (std::size_t first = 0; first < vectors;) {
    const std::size_t end = first + std::min(engine.vectors_at_once(), vectors - first);
    for (std::size_t vector = first; progress && vector < end; ++vector) {
      progress(vector, vectors);
    }
    const auto begin = layer.activations.begin();
    const std::vector<std::vector<std::int32_t>> group(begin + static_cast<std::ptrdiff_t>(first),
                                                       begin + static_cast<std::ptrdiff_t>(end));
    for (eie::RunResult& result : engine.run_all(layer.layer, image, group, outputs)) {
      add_result(std::move(result), run);
    }
    first = end;
  }
  return run;
}

std::string outputs_checksum(const std::vector<std::vector<std::int32_t>>& outputs) {
  std::vector<unsigned char> bytes;
  for (const auto& vector : outputs) {
    for (const std::int32_t value : vector) {
      const auto raw = static_cast<std::uint32_t>(value);
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<unsigned char>((raw >> shift) & 0xffU));
      }
    }
  }
  return sha256_bytes(bytes.data(), bytes.size());
}

Classification classify(const std::vector<std::vector<std::int32_t>>& outputs,
                        const std::vector<std::int32_t>& labels) {
  Classification result;
  result.labelled = std::min(outputs.size(), labels.size());
  for (std::size_t vector = 0; vector < result.labelled; ++vector) {
    const auto& values = outputs[vector];
    const auto best = std::distance(values.begin(), std::max_element(values.begin(), values.end()));
    result.correct += best == labels[vector] ? 1U : 0U;
  }
  return result;
}

}  // namespace lacuna
