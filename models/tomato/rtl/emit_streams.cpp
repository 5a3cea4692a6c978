#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/rtl/design_emitter.h"
#include "models/tomato/rtl/memory_words.h"
#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

void set_port(Instance& i, const StreamPort& port) {
  i.set("CHANNELS", port.channels);
  i.set("BITS", static_cast<std::uint64_t>(port.value_bits));
  i.set("BYTES", port.bytes_per_value());
}

}  // namespace

void DesignEmitter::emit_source() {
  Instance i = instance("tomato_source");
  set_port(i, design_.input);
  i.connect("s_axis_tvalid", "s_axis_tvalid");
  i.connect("s_axis_tready", "s_axis_tready");
  i.connect("s_axis_tdata", "s_axis_tdata");
  connect_output(i);
  body_ += i.text();
}

void DesignEmitter::emit_sink() {
  Instance i = instance("tomato_sink");
  set_port(i, design_.output);
  i.set("TOKENS", design_.output.tokens_per_frame);
  i.connect_clock();
  i.connect("in_empty", in("empty"));
  i.connect("in_data", in("out"));
  i.connect("in_pop", in("pop"));
  i.connect("in_waits", in("waits"));
  i.connect("m_axis_tvalid", "m_axis_tvalid");
  i.connect("m_axis_tready", "m_axis_tready");
  i.connect("m_axis_tdata", "m_axis_tdata");
  i.connect("m_axis_tlast", "m_axis_tlast");
  body_ += i.text();
}

void DesignEmitter::emit_window() {
  const WindowGeometry geometry(unit().window, input().map);
  const std::uint64_t pixel_bits = bits_for(geometry.pixels() + geometry.buffer_pixels());
  const std::uint64_t kernel_width = geometry.columns().kernel;
  const std::uint64_t bank_words = divide_up(geometry.columns().size, kernel_width);
  const std::uint64_t line_bits = bits_for(geometry.lines() - 1);
  const std::uint64_t bank_bits = bits_for(kernel_width - 1);
  const std::uint64_t address_bits = bits_for(bank_words - 1);
  const std::int64_t padding = unit().window.padding == Padding::lowest ? input().min_mantissa : 0;

  const bool sliced = design_.edges[plan().outputs.front()].counts_alone;
  const std::uint64_t rows = geometry.rows().positions;
  const std::uint64_t columns = geometry.columns().positions;
  Instance i = instance(sliced ? "tomato_window_control" : "tomato_window");
  i.set("ROWS", rows);
  i.set("COLUMNS", columns);
  i.set("BUFFER", geometry.buffer_pixels());
  i.set("PIXEL_BITS", pixel_bits);
  i.set("READS_NOTHING", geometry.reads_map() ? 0 : 1);
  i.set("FIRST_READS", geometry.rows().first_read(0) && geometry.columns().first_read(0) ? 1 : 0);
  i.set("FIRST_NEEDED", geometry.pixels_needed(0));
  i.set("FIRST_DEAD", geometry.reads_map() ? geometry.first_pixel_from(0) : 0);
  i.set("ROW_TABLE", memory("rows", window_rows(geometry, pixel_bits)));
  i.set("COLUMN_TABLE", memory("columns", window_columns(geometry, pixel_bits)));
  i.connect_clock();
  i.connect("in_empty", in("empty"));
  i.connect("in_pop", in("pop"));
  i.connect("in_waits", in("waits"));
  i.connect("out_full", out("full"));
  i.connect("out_push", out("push"));
  i.connect("out_offers", out("offers"));
  if (sliced) {
    i.set("PIXELS", geometry.pixels());
    i.set("ROW_BITS", bits_for(rows - 1));
    i.set("COLUMN_BITS", bits_for(columns - 1));
    i.connect("row", unused_net("row", bits_for(rows - 1)));
    i.connect("column", unused_net("column", bits_for(columns - 1)));
    i.connect("last_window", unused_net("last_window"));
  } else {
    i.set("HEIGHT", geometry.rows().size);
    i.set("WIDTH", geometry.columns().size);
    i.set("PIXEL", token_bits(input()));
    i.set("KERNEL_HEIGHT", geometry.rows().kernel);
    i.set("KERNEL_WIDTH", kernel_width);
    i.set("LINES", geometry.lines());
    i.set("LINE_BITS", line_bits);
    i.set("BANK_BITS", bank_bits);
    i.set("ADDRESS_BITS", address_bits);
    i.set("PADDING",
          fmt::format("{{{}{{{}}}}}", input().values_per_token(), literal(padding, hardware_bits(input()))));
    i.set("LINE_TABLE", memory("lines", window_lines(geometry, line_bits)));
    i.set("BANK_TABLE", memory("banks", window_banks(geometry, bank_bits, address_bits)));
    i.connect("in_data", in("out"));
    i.connect("out_data", out("in"));
  }
  body_ += i.text();
}

void DesignEmitter::emit_pass() {
  const std::vector<std::size_t>& inputs = plan().inputs;
  const std::vector<std::size_t>& outputs = plan().outputs;
  const std::string& name = design_.unit_names[position_];
  std::vector<std::string> data;
  std::vector<std::string> empty;
  data.reserve(inputs.size());
  empty.reserve(inputs.size());
  for (std::size_t number = 0; number < inputs.size(); ++number) {
    const bool extends = hardware_bits(input(number)) != hardware_bits(output());
    data.push_back(extends ? extended(number) : net(inputs[number], "out"));
    empty.push_back(net(inputs[number], "empty"));
  }
  std::vector<std::string> full;
  full.reserve(outputs.size());
  for (const std::size_t edge : outputs) {
    full.push_back(net(edge, "full"));
  }
  Instance i{"tomato_pass", name};
  i.set("BITS", token_bits(output()));
  i.set("INPUTS", inputs.size());
  i.set("OUTPUTS", outputs.size());
  i.connect_clock();
  i.connect("in_empty", concatenation(empty));
  i.connect("in_data", concatenation(data));
  i.connect("in_pop", in("pop"));
  i.connect("in_waits", in("waits"));
  i.connect("out_full", concatenation(full));
  i.connect("out_data", out("in"));
  i.connect("out_push", out("push"));
  i.connect("out_offers", out("offers"));
  body_ += i.text();
  for (std::size_t number = 1; number < inputs.size(); ++number) {
    body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n", net(inputs[number], "pop"), in("pop"),
                         net(inputs[number], "waits"), in("waits"));
  }
  for (std::size_t number = 1; number < outputs.size(); ++number) {
    body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n  assign {} = {};\n",
                         net(outputs[number], "push"), out("push"), net(outputs[number], "in"), out("in"),
                         net(outputs[number], "offers"), out("offers"));
  }
}

void DesignEmitter::emit_select() {
  const auto bits = static_cast<std::uint64_t>(hardware_bits(input()));
  std::vector<bool> is_used(input().map.channels, false);
  std::vector<std::string> chosen;
  std::vector<std::string> unused;
  for (const std::uint32_t channel : unit().selected) {
    chosen.push_back(channel_slice(channel, bits));
    is_used[channel] = true;
  }
  for (std::uint32_t channel = 0; channel < input().map.channels; ++channel) {
    if (!is_used[channel]) {
      unused.push_back(channel_slice(channel, bits));
    }
  }
  Instance i = instance("tomato_pass");
  i.set("BITS", token_bits(output()));
  i.set("INPUTS", 1);
  i.set("OUTPUTS", 1);
  i.connect_clock();
  i.connect("in_empty", in("empty"));
  i.connect("in_data", concatenation(chosen));
  i.connect("in_pop", in("pop"));
  i.connect("in_waits", in("waits"));
  connect_output(i);
  body_ += i.text();
  if (!unused.empty()) {
    const std::string net_name = design_.unit_names[position_] + "_unused";
    body_ += fmt::format("  logic {0};\n  assign {0} = &{{1'b0, {1}}};\n", net_name, concatenation(unused));
  }
}

std::string DesignEmitter::channel_slice(std::uint32_t channel, std::uint64_t bits) const {
  return fmt::format("{}[{}+:{}]", in("out"), channel * bits, bits);
}

std::string DesignEmitter::extended(std::size_t number) {
  std::string net_name = fmt::format("{}_in{}", design_.unit_names[position_], number);
  body_ += fmt::format(
      "  logic [{}:0] {};\n",
      input(number).values_per_token() * static_cast<std::uint64_t>(hardware_bits(output())) - 1, net_name);
  Instance i{"tomato_extend", net_name + "_extend"};
  i.set("COUNT", input(number).values_per_token());
  i.set("FROM_BITS", static_cast<std::uint64_t>(hardware_bits(input(number))));
  i.set("TO_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.connect("from", in("out", number));
  i.connect("to", net_name);
  body_ += i.text();
  return net_name;
}

void DesignEmitter::emit_link() {
  Instance i = instance("tomato_link");
  i.set("BITS", token_bits(input()));
  i.set("WORDS", plan().issue_cycles);
  i.set("LATENCY", unit().link.latency_cycles);
  i.set("TOKENS", unit().link.buffer_tokens);
  connect(i);
  body_ += i.text();
}

}  // namespace lacuna::tomato
