#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "models/tomato/rtl/design_emitter.h"
#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/stream_rules.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

void DesignEmitter::emit_fifo(std::size_t edge) {
  const Edge& e = pipeline_.edges[edge];
  const Stream& stream = analysis_.streams[edge];
  const EdgeHardware& hardware = design_.edges[edge];
  const auto bits = static_cast<std::uint64_t>(hardware_bits(stream));
  const bool counts = hardware.store || hardware.counts_alone;
  body_ += fmt::format(
      "\n  // {0}\n"
      "  logic e{1}_full, e{1}_push, e{1}_empty, e{1}_pop, e{1}_offers, e{1}_waits;\n",
      printable(edge_name(pipeline_, e)), edge);
  if (!counts) {
    body_ += fmt::format("  logic [{1}:0] e{0}_in, e{0}_out;\n", edge, token_bits(stream) - 1);
  }
  if (hardware.store) {
    body_ += fmt::format("  logic e{0}_write;\n  logic [{1}:0] e{0}_in;\n", edge,
                         hardware.store->write_lanes * bits - 1);
    if (!writes_slices(pipeline_.units[e.from], analysis_.units[e.from])) {
      body_ += fmt::format("  assign e{0}_write = e{0}_push;\n", edge);
    }
  }
  Instance fifo{counts ? "tomato_count" : "tomato_fifo", fmt::format("fifo_{}", edge)};
  if (!counts) {
    fifo.set("BITS", token_bits(stream));
  }
  fifo.set("DEPTH", e.depth);
  fifo.connect_clock();
  fifo.connect("push", net(edge, "push"));
  fifo.connect("full", net(edge, "full"));
  fifo.connect("pop", net(edge, "pop"));
  fifo.connect("empty", net(edge, "empty"));
  if (!counts) {
    fifo.connect("push_data", net(edge, "in"));
    fifo.connect("pop_data", net(edge, "out"));
  }
  body_ += fifo.text();
}

void DesignEmitter::emit_store(const PixelStore& store) {
  const Stream& pixels = analysis_.streams[store.write_edge];
  const std::size_t reader_at = pipeline_.edges[store.read_edge].to;
  const Unit& reader = pipeline_.units[reader_at];
  const UnitPlan& plan = analysis_.units[reader_at];
  const int bits = hardware_bits(pixels);
  const bool sliced = reads_slices(reader, plan);
  const UnitTraits& kind = traits(reader.kind);
  body_ += fmt::format("\n  logic e{0}_step;\n  logic [{1}:0] e{0}_out;\n", store.read_edge,
                       store.tap_lanes * store.read_lanes * static_cast<std::uint64_t>(bits) - 1);
  if (!sliced) {
    body_ += fmt::format("  assign e{0}_step = e{0}_pop;\n", store.read_edge);
  }
  Instance i{"tomato_pixels", fmt::format("store_{}", store.write_edge)};
  i.set("BITS", static_cast<std::uint64_t>(bits));
  i.set("CHANNELS", pixels.map.channels);
  i.set("WRITE_LANES", store.write_lanes);
  i.set("READ_LANES", store.read_lanes);
  i.set("WORD_WRITES", store.word_writes);
  i.set("WORD_READS", store.word_reads);
  if (store.window) {
    const Unit& window = pipeline_.units[*store.window];
    const WindowGeometry geometry(window.window, pixels.map);
    i.set("HEIGHT", geometry.rows().size);
    i.set("WIDTH", geometry.columns().size);
    i.set("KERNEL_HEIGHT", geometry.rows().kernel);
    i.set("KERNEL_WIDTH", geometry.columns().kernel);
    i.set("STRIDE", geometry.rows().stride);
    i.set("PAD_TOP", geometry.rows().padding);
    i.set("PAD_LEFT", geometry.columns().padding);
    i.set("ROWS", geometry.rows().positions);
    i.set("COLUMNS", geometry.columns().positions);
    i.set("TAP_LANES", store.tap_lanes);
    i.set("PADDING", literal(window.window.padding == Padding::lowest ? pixels.min_mantissa : 0, bits));
    i.set("FILL", literal(reader.kind == UnitKind::max_pool ? -(std::int64_t{1} << (bits - 1)) : 0, bits));
  }
  if (sliced && kind.joins_channels) {
    i.set("REPEATS", plan.output_steps);
  }
  i.set("CHANNELS_OUTER", kind.joins_channels ? 0 : 1);
  i.set("BANKS", store.banks);
  i.set("ENTRIES", store.entries);
  i.connect_clock();
  i.connect("write", net(store.write_edge, "write"));
  i.connect("value", net(store.write_edge, "in"));
  i.connect("push", net(store.write_edge, "push"));
  i.connect("step", net(store.read_edge, "step"));
  i.connect("slice", net(store.read_edge, "out"));
  body_ += i.text();
}

std::string DesignEmitter::unused_net(const char* what, std::uint64_t bits) {
  std::string name = fmt::format("{}_{}", design_.unit_names[position_], what);
  body_ +=
      bits == 1 ? fmt::format("  logic {};\n", name) : fmt::format("  logic [{}:0] {};\n", bits - 1, name);
  unused_.push_back(name);
  return name;
}

bool DesignEmitter::takes_slices() const {
  const EdgeHardware& edge = design_.edges[plan().inputs.front()];
  return (edge.store || edge.counts_alone) && reads_slices(unit(), plan());
}

bool DesignEmitter::gives_slices() const {
  return design_.edges[plan().outputs.front()].store && writes_slices(unit(), plan());
}

void DesignEmitter::connect_slices(Instance& i) {
  i.set("SLICED_IN", takes_slices() ? 1 : 0);
  i.set("SLICED_OUT", gives_slices() ? 1 : 0);
  i.connect("in_step", takes_slices() ? in("step") : unused_net("step"));
  i.connect("out_write", gives_slices() ? out("write") : unused_net("write"));
}

void DesignEmitter::connect_output(Instance& i) const {
  i.connect("out_full", out("full"));
  i.connect("out_data", out("in"));
  i.connect("out_push", out("push"));
  i.connect("out_offers", out("offers"));
}

void DesignEmitter::connect(Instance& i) const {
  i.connect_clock();
  i.connect("in_empty", in("empty"));
  i.connect("in_data", in("out"));
  i.connect("in_pop", in("pop"));
  i.connect("in_waits", in("waits"));
  connect_output(i);
}

}  // namespace lacuna::tomato
