// Drives one verilated machine behind the C interface. Compiled with Verilator's output, never into the
// library.
#include <cstring>
#include <memory>

#include "machine_interface.h"
#include "machine_shape.h"
#if __has_include("Veie_top.h")
#include "harness_whole.h"
#else
#include "harness_parts.h"
#endif

namespace {

using Control = Machine::Control;

Machine& at(void* machine) {
  return *static_cast<Machine*>(machine);
}

void reset(void* machine) {
  Control& control = at(machine).control();
  control.start = 0;
  control.io_write = 0;
  control.io_read = 0;
  control.reset = 1;
  at(machine).clock();
  control.reset = 0;
  at(machine).clock();
}

void write(void* machine, LacunaRtlMemory memory, std::uint32_t address, const std::uint32_t* words) {
  Control& control = at(machine).control();
  std::memcpy(&control.io_write_data, words, sizeof control.io_write_data);
  control.io_address = static_cast<decltype(control.io_address + 0)>(address);
  control.io_write = memory;
  at(machine).clock();  // into the bus register; the next clock, at the latest that of `run`, writes
}

void read(void* machine, LacunaRtlRead what, std::uint32_t address, std::uint32_t* words) {
  Control& control = at(machine).control();
  control.io_address = static_cast<decltype(control.io_address + 0)>(address);
  control.io_read = what;
  control.io_write = 0;
  at(machine).clock();
  at(machine).settle();
  at(machine).copy_read_data(words);
  control.io_read = 0;
}

void set_layer(Control& control, const LacunaRtlLayer& layer) {
  control.source_rows = layer.source_rows;
  control.columns = layer.columns;
  control.output_rows = layer.output_rows;
  control.last_row_outputs = layer.last_row_outputs;
  control.store_region = layer.store_region;
  control.bias_value = static_cast<decltype(control.bias_value + 0)>(layer.bias_value);
  control.product_shift = static_cast<CData>(layer.product_shift & 0x3fU);
  control.output_shift = static_cast<CData>(static_cast<std::uint32_t>(layer.output_shift) & 0x7fU);
  control.has_bias = layer.has_bias;
  control.relu = layer.relu;
}

void report(Machine& machine, std::uint64_t cycle, const LacunaRtlObserver& observer) {
  machine.settle();
  const Control& control = machine.control();
  if (observer.occupancies != nullptr && control.running != 0) {
    std::uint32_t entries[pe_count];
    machine.copy_occupancies(entries);
    observer.occupancies(observer.context, cycle, entries);
  }
  if (observer.broadcast != nullptr && control.broadcast != 0) {
    observer.broadcast(observer.context, cycle, control.broadcast_column, control.broadcast_value);
  }
}

int run(void* machine, const LacunaRtlLayer* layer, const LacunaRtlObserver* observer,
        std::uint64_t cycle_limit) {
  Control& control = at(machine).control();
  set_layer(control, *layer);
  control.observe = observer != nullptr;
  control.io_write = 0;
  at(machine).clock();
  control.start = 1;
  at(machine).clock();
  control.start = 0;
  std::uint64_t cycle = 0;
  while (control.done == 0 && cycle < cycle_limit) {
    if (observer != nullptr) {
      report(at(machine), cycle, *observer);
    }
    at(machine).clock();
    ++cycle;
  }
  return control.done;
}

std::uint64_t control_counter(void* machine, std::uint32_t index) {
  Control& control = at(machine).control();
  control.control_counter_select = static_cast<CData>(index);
  at(machine).clock();
  return control.control_counter;
}

void* create() {
  auto machine = std::make_unique<Machine>();
  machine->clock();
  return machine.release();
}

void destroy(void* machine) {
  at(machine).end();
  delete &at(machine);
}

std::uint64_t cycles(void* machine) {
  return at(machine).control().cycles;
}

constexpr LacunaRtlInterface interface {
  sizeof(Control::io_write_data) / sizeof(std::uint32_t), create, destroy, reset, write, read, run, cycles,
      control_counter
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const LacunaRtlInterface* lacuna_rtl_interface() {
  return &interface;
}
