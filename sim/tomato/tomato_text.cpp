#include "sim/tomato/tomato_text.h"

#include <fmt/format.h>

#include "sim/report/text_table.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/layer_summary.h"

namespace lacuna::tomato {
namespace {

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "0.0"
                    : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string unroll_text(const Unroll& unroll) {
  return fmt::format("{}x{}x{}", unroll.input_channels, unroll.output_channels, unroll.taps);
}

std::string machine_line(const TomatoConfig& config, const TomatoReport& report) {
  const MachineDesign& machine = report.machine;
  std::string text = fmt::format("machine: {}", report.network);
  if (machine.device) {
    text += fmt::format(
        " on {}{}", config.architecture.devices > 1 ? fmt::format("{} x ", config.architecture.devices) : "",
        machine.device->description().name);
  }
  return text + fmt::format(", {:g} MHz; engine {}; weights: {}; inputs: {}\n",
                            config.architecture.parameters.clock_mhz, report.engine, report.weights_source,
                            report.inputs_source);
}

std::string cycles_table(const TomatoReport& report, const std::vector<LayerSummary>& layers) {
  TextTable table({"layer", "unit", "weights", "outputs", "unroll", "cycles/frame", "use %", "starved %",
                   "blocked %", "FIFO mark", "depth", "slots", "MMAC/frame"});
  const std::uint64_t cycles = report.result.cycles;
  for (const LayerSummary& l : layers) {
    table.add_row(
        {l.name, l.kind, l.weights, l.outputs, unroll_text(l.unroll), cycles_text(l.busy_cycles_per_frame),
         l.utilisation ? fmt::format("{:.1f}", 100.0 * *l.utilisation) : "-",
         percent(l.cycles[CycleClass::starved], cycles), percent(l.cycles[CycleClass::blocked], cycles),
         fmt::format("{}", l.fifo_high_water_mark), fmt::format("{}", l.fifo_depth),
         fmt::format("{}", l.fifo_slots),
         fmt::format("{:.3f}", static_cast<double>(
                                   report.result.units[l.engine].events[UnitEvent::multiply_accumulates]) /
                                   report.frames / 1e6)});
  }
  return table.str();
}

std::string resource_table(const TomatoReport& report, const std::vector<LayerSummary>& layers) {
  const Device& device = *report.machine.device;
  const DeviceDescription& d = device.description();
  TextTable table({"layer", "device", "lanes", d.logic.block, "registers", "DSP", d.block_ram.block});
  for (const LayerSummary& l : layers) {
    table.add_row({l.name, fmt::format("{}", l.device), fmt::format("{}", l.resources.lanes),
                   fmt::format("{}", logic_blocks(l.resources, device)),
                   fmt::format("{}", l.resources.registers), fmt::format("{}", l.resources.dsp),
                   fmt::format("{}", l.resources.memory_blocks())});
  }
  std::string text = table.str();
  for (std::size_t i = 0; i < report.machine.placement->devices.size(); ++i) {
    text += fmt::format("device {}:", i);
    for (const ResourceUse& use : device_use(report.machine.placement->devices[i].total, device)) {
      text += fmt::format(" {} {} of {} ({:.1f} %){}", use.name, use.used, use.available, 100.0 * use.share(),
                          use.name == d.block_ram.block ? "\n" : ",");
    }
  }
  return text;
}

/// The classes of a few frames; of many nobody reads them.
std::string classes_text(const std::vector<std::uint32_t>& classes) {
  constexpr std::size_t few = 16;
  return classes.size() > few ? "" : fmt::format("; classes: {}", fmt::join(classes, ", "));
}

std::string steady_text(const TomatoConfig& config, const TomatoReport& report) {
  const std::optional<double> cycles = report.result.cycles_per_frame();
  return cycles ? fmt::format("{} cycles per frame, {:.1f} frames/s", cycles_text(*cycles),
                              *frames_per_second(config, report))
                : "not known";
}

std::string totals(const TomatoConfig& config, const TomatoReport& report) {
  const MachineDesign& machine = report.machine;
  const std::size_t busiest = busiest_unit(report.result);
  std::string text = fmt::format(
      "frames: {}; cycles: {}; steady state: {}; first frame: {} cycles, {:.3f} us; first output: "
      "cycle {}\n",
      report.frames, report.cycles(), steady_text(config, report), report.result.latency_cycles(),
      latency_us(config, report), report.result.first_output_cycle);
  text += fmt::format("bottleneck: {}, busy for {} cycles per frame", machine.pipeline.units[busiest].name,
                      cycles_text(static_cast<double>(report.result.units[busiest].cycles[CycleClass::busy]) /
                                  report.frames));
  text += machine.target ? fmt::format("; balanced for {}\n", *machine.target) : "\n";
  text += fmt::format("multiply-accumulates per frame: {} (from the network's shapes)\n",
                      report.multiply_accumulates_per_frame);
  if (machine.sizing) {
    text += fmt::format(
        "FIFO depths: the smallest that keep {} cycles per frame; {} runs of the timeline engine\n",
        cycles_text(machine.sizing->steady.cycles_per_frame()), machine.sizing->runs);
  }
  if (report.energy) {
    text += "energy per frame, uJ:";
    for (std::size_t module = 0; module < report.energy->modules.size(); ++module) {
      text += fmt::format(" {} {:.3f},", fpga_costed_machine().modules[module],
                          report.energy->modules[module].total_pj() / report.frames / 1e6);
    }
    text += fmt::format(" total {:.3f}\n", report.energy->total_pj() / report.frames / 1e6);
  }
  if (report.accuracy) {
    text += fmt::format("right class: {} of {} frames{}\n", report.accuracy->correct,
                        report.accuracy->labelled, classes_text(report.accuracy->classes));
  }
  for (const std::string& note : notes_of(report)) {
    text += "note: " + note + "\n";
  }
  return text;
}

}  // namespace

std::string text_report(const TomatoConfig& config, const TomatoReport& report) {
  const std::vector<LayerSummary> layers = layer_summaries(report);
  std::string text = machine_line(config, report) + "\nCycles\n" + cycles_table(report, layers);
  if (report.machine.placement) {
    text += "\nResources\n" + resource_table(report, layers);
  }
  if (report.memory) {
    text += "\nMemory\n" + memory_text({{"frames and results", *report.memory}});
  }
  return text + "\n" + totals(config, report);
}

}  // namespace lacuna::tomato
