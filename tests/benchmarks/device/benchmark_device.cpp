// Processor time of a layer's vectors on the SystemC engine and as a job of the EIE device, whose port is
// modelled in both ways. Each measurement has a process of its own; the least of five counts. What is
// measured is the simulation, loading the layer included, not the making of modules and of the job's bytes.

#include <algorithm>
#include <iostream>
#include <limits>

#include <fmt/format.h>

#include "models/common/child_process.h"
#include "models/device/memory.h"
#include "models/eie/device/eie_device.h"
#include "models/eie/systemc/systemc_engine.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"
#include "tests/benchmarks/common/measure.h"

namespace {

using namespace lacuna;

struct Work {
  eie::Parameters machine;
  QuantisedLayer layer;
  eie::MemoryImage image;
};

struct Figures {
  double seconds = 0;
  std::uint64_t cycles = 0;
};

Figures on_engine(const Work& work) {
  Figures figures;
  const auto engine = eie::make_systemc_engine(work.machine);
  figures.seconds = benchmark::processor_seconds([&] {
    for (const auto& vector : work.layer.activations) {
      figures.cycles += engine->run(work.layer.layer, work.image, vector, eie::Outputs::wanted).cycles;
    }
  });
  return figures;
}

/// Starts the job and stops the kernel at the interrupt.
struct Starter : sc_core::sc_module {
  SC_HAS_PROCESS(Starter);
  Starter(const sc_core::sc_module_name& name, std::uint64_t job_address)
      : sc_module(name), job(job_address) {
    SC_THREAD(run);
  }
  tlm_utils::simple_initiator_socket<Starter> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};
  std::uint64_t job;

 private:
  void write(device::Register which, std::uint32_t value) {
    std::vector<std::uint8_t> data;
    device::put_number(data, value, 4);
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_address(static_cast<std::uint64_t>(which));
    payload.set_data_ptr(data.data());
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
  }
  void run() {
    write(device::Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
    write(device::Register::JOB_LOW, static_cast<std::uint32_t>(job));
    write(device::Register::CONTROL, device::CONTROL_START);
    wait(interrupt.posedge_event());
    sc_core::sc_stop();
  }
};

Figures on_device(const Work& work, device::Coding coding) {
  device::Memory memory("memory");
  std::uint64_t free = 0x1000;
  const auto put = [&](const std::vector<std::uint8_t>& bytes) {
    const std::uint64_t address = free;
    std::copy(bytes.begin(), bytes.end(), memory.bytes().begin() + static_cast<std::ptrdiff_t>(address));
    free = (free + bytes.size() + 63) / 64 * 64;
    return address;
  };
  const eie::JobData data = eie::job_data(work.machine, work.layer.layer, work.image);
  eie::JobFields fields = eie::job_fields(work.layer.layer, data);
  fields.codebook_address = put(data.codebook);
  fields.pointer_address = put(data.pointers);
  fields.row_address = put(data.rows);
  const auto vectors = static_cast<std::uint32_t>(work.layer.activations.size());
  device::JobHeader header{device::job_magic,
                           device::job_version,
                           device::job_bytes,
                           eie::device_family,
                           0,
                           0,
                           0,
                           0,
                           vectors,
                           2 * fields.inputs,
                           2 * fields.outputs,
                           0};
  std::vector<std::uint8_t> inputs;
  for (const auto& vector : work.layer.activations) {
    const std::vector<std::uint8_t> bytes = eie::values_to_bytes(vector, 2);
    inputs.insert(inputs.end(), bytes.begin(), bytes.end());
  }
  header.input_address = put(inputs);
  header.output_address = put(std::vector<std::uint8_t>(std::size_t{vectors} * header.output_bytes));
  Starter starter("starter", put(device::job_descriptor(header, fields)));
  device::DeviceParameters parameters;
  parameters.dma.coding = coding;
  eie::Device device("device", work.machine, parameters);
  sc_core::sc_clock clock("clock", 1250, sc_core::SC_PS);
  sc_core::sc_signal<bool> reset;
  sc_core::sc_signal<bool> interrupt;
  device.clock(clock);
  device.reset(reset);
  device.interrupt(interrupt);
  device.memory.bind(memory.socket);
  starter.socket.bind(device.registers);
  starter.interrupt(interrupt);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Figures figures;
  figures.seconds = benchmark::processor_seconds([] { sc_core::sc_start(); });
  std::uint8_t cycles[4];
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(static_cast<std::uint64_t>(device::Register::COMPUTE_CYCLES_LOW));
  payload.set_data_ptr(cycles);
  payload.set_data_length(4);
  starter.socket->transport_dbg(payload);
  figures.cycles = device::get_number(cycles, 4);
  return figures;
}

template <class Measure>
Figures in_child(Measure measure) {
  const std::string bytes = call_in_child([&] {
    ByteWriter writer;
    writer.put(measure());
    return writer.take();
  });
  ByteReader reader(bytes);
  return reader.get<Figures>();
}

}  // namespace

int main() {
  Work work;
  GeneratedLayer spec;
  spec.rows = 1000;
  spec.inputs = 2000;
  spec.vectors = 64;
  work.layer = quantise_layer(generate_trace(spec), {}, eie::value_widths(work.machine));
  work.image = eie::encode(work.layer.layer.matrix, eie::image_geometry(work.machine));
  constexpr double never = std::numeric_limits<double>::max();
  Figures engine{never, 0};
  Figures loose{never, 0};
  Figures approximate{never, 0};
  const auto less = [](const Figures& a, const Figures& b) { return a.seconds < b.seconds ? a : b; };
  for (int i = 0; i < 5; ++i) {
    engine = less(engine, in_child([&] { return on_engine(work); }));
    loose = less(loose, in_child([&] { return on_device(work, device::Coding::loosely_timed); }));
    approximate =
        less(approximate, in_child([&] { return on_device(work, device::Coding::approximately_timed); }));
  }
  std::cout << fmt::format("a layer of {} x {}, {} vectors, 64 PEs\n", spec.rows, spec.inputs, spec.vectors);
  const auto print = [&](const char* name, const Figures& figures) {
    std::cout << fmt::format("{:<28} {:7.3f} s  {:5.2f}  {} cycles\n", name, figures.seconds,
                             figures.seconds / engine.seconds, figures.cycles);
  };
  print("engine", engine);
  print("device, loosely timed", loose);
  print("device, approximately timed", approximate);
  return engine.cycles == loose.cycles && engine.cycles == approximate.cycles ? 0 : 1;
}
