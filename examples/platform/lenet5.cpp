// A virtual platform: a processor, a memory and a bus with one EIE and one streaming device. The processor
// runs LeNet-5 on both. For the EIE device it does what a driver and a host do: it puts layers into memory,
// gathers the windows of convolutions, pools; the streaming device takes whole pictures. Values and cycles
// are those of `lacuna run` with the same configurations (docs/device.md).
//
//   platform_lenet5 EIE.yaml STREAMING.yaml [approximately-timed]

#include <iostream>
#include <string>

#include "models/common/checksum.h"
#include "models/device/bus.h"
#include "models/device/memory.h"
#include "models/device/processor.h"
#include "models/eie/device/eie_device.h"
#include "models/tomato/device/tomato_device.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/network/network_pass.h"
#include "sim/eie/network/network_report.h"
#include "sim/eie/run/run_layer.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/run_tomato.h"

using namespace lacuna;
using device::Register;
using Bytes = std::vector<std::uint8_t>;

// The memory map: 256 MiB of memory, registers of the devices above it.
constexpr std::uint64_t memory_bytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t eie_base = 0x40000000;
constexpr std::uint64_t stream_base = 0x40001000;

/// What a driver does with a device, from the processor's side of the bus.
struct Driver {
  device::Processor& processor;
  std::uint64_t base;
  const sc_core::sc_signal<bool>& interrupt;
  std::uint64_t free = 0x1000;  ///< memory from here on is the driver's
  std::uint64_t cycles = 0;     ///< of all jobs

  std::uint32_t read(Register which) const {
    return processor.read_register(base + static_cast<std::uint32_t>(which));
  }
  void write(Register which, std::uint32_t value) const {
    processor.write_register(base + static_cast<std::uint32_t>(which), value);
  }
  std::uint64_t put(const Bytes& bytes) {
    const std::uint64_t address = free;
    processor.write_bytes(address, bytes);
    free = (free + bytes.size() + 7) / 8 * 8;
    return address;
  }
  /// Starts a job and waits for its interrupt. Throws when the device has refused it.
  void run(const Bytes& descriptor) {
    const std::uint64_t job = put(descriptor);
    write(Register::JOB_LOW, static_cast<std::uint32_t>(job));
    write(Register::JOB_HIGH, static_cast<std::uint32_t>(job >> 32U));
    write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE | device::INTERRUPT_ENABLE_ERROR);
    write(Register::CONTROL, device::CONTROL_START);
    if (!interrupt.read()) {
      sc_core::wait(interrupt.posedge_event());
    }
    write(Register::INTERRUPT_STATUS, device::INTERRUPT_STATUS_DONE | device::INTERRUPT_STATUS_ERROR);
    if ((read(Register::STATUS) & device::STATUS_DONE) == 0) {
      SC_REPORT_ERROR("platform", "a device has refused a job; its line stands above");
    }
    cycles += read(Register::COMPUTE_CYCLES_LOW);
  }
};

device::JobHeader job_header(std::uint32_t family, std::size_t items, std::size_t input_bytes,
                             std::size_t output_bytes) {
  return {device::job_magic,
          device::job_version,
          device::job_bytes,
          family,
          0,
          0,
          0,
          0,
          static_cast<std::uint32_t>(items),
          static_cast<std::uint32_t>(input_bytes),
          static_cast<std::uint32_t>(output_bytes),
          0};
}

/// Runs a network's products on the EIE device: a job for each, with all its vectors.
struct DeviceProducts : ProductMachine {
  Driver& driver;
  const eie::Parameters& machine;
  DeviceProducts(Driver& of_device, const eie::Parameters& parameters)
      : driver(of_device), machine(parameters) {}

  ProductCounts run(const Product& product, const VectorStream& vectors,
                    const StreamProgress& /*progress*/) override {
    const std::uint64_t mark = driver.free;
    const std::size_t value = eie::JobLayout(machine).activation_bytes;
    const eie::JobData data = eie::job_data(machine, product.layer, product.image);
    eie::JobFields fields = eie::job_fields(product.layer, data);
    fields.codebook_address = driver.put(data.codebook);
    fields.pointer_address = driver.put(data.pointers);
    fields.row_address = driver.put(data.rows);
    Bytes inputs;
    std::vector<std::int32_t> vector;
    for (std::size_t i = 0; i < vectors.size; ++i) {
      vectors.make(i, vector);
      const Bytes bytes = eie::values_to_bytes(vector, value);
      inputs.insert(inputs.end(), bytes.begin(), bytes.end());
    }
    device::JobHeader header =
        job_header(eie::device_family, vectors.size, product.inputs() * value, product.outputs() * value);
    header.input_address = driver.put(inputs);
    header.output_address = driver.put(Bytes(vectors.size * header.output_bytes));
    driver.run(device::job_descriptor(header, fields));
    const Bytes outputs =
        driver.processor.read_bytes(header.output_address, vectors.size * header.output_bytes);
    for (std::size_t i = 0; i < vectors.size; ++i) {
      vector = eie::values_from_bytes(outputs.data() + i * header.output_bytes, product.outputs(), value);
      vectors.take(i, vector);
    }
    driver.free = mark;
    return {};
  }
};

void run_on_eie(Driver driver, const RunConfig& config, const PreparedNetwork& network,
                const InputImages& images) {
  DeviceProducts machine(driver, config.architecture.parameters);
  NetworkTensors tensors = input_tensors(network, images, 0, images.size());
  for (std::size_t i = 1; i < network.network.layers.size(); ++i) {
    driver.cycles = 0;
    run_network_layer(network, i, config.architecture.parameters.rounding, machine, {}, tensors);
    std::vector<std::string> checksums;
    for (const RawTensor& output : tensors[i]) {
      checksums.push_back(tensor_checksum(output));
    }
    if (network.layers[i].on_machine()) {
      std::cout << "eie " << network.network.layers[i].name << " " << driver.cycles << " "
                << joined_checksum(checksums) << "\n";
    }
  }
}

void run_on_stream(Driver driver, const tomato::StreamDevice& device, const tomato::MachineDesign& machine,
                   const tomato::TomatoInputs& inputs, std::uint32_t frames) {
  const NumberFormat& format = machine.pipeline.units[machine.analysis.source].format;
  const std::size_t value = driver.processor.read_register(driver.base + 0x10C);  // FRAME_VALUE_BYTES
  const std::size_t result_value = driver.processor.read_register(driver.base + 0x11C);
  const std::size_t results = driver.processor.read_register(driver.base + 0x118);  // one pixel: the classes
  Bytes pictures;
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    const Bytes bytes = eie::values_to_bytes(inputs.frames->mantissas(frame, format), value);
    pictures.insert(pictures.end(), bytes.begin(), bytes.end());
  }
  device::JobHeader header =
      job_header(tomato::device_family, frames, pictures.size() / frames, results * result_value);
  header.input_address = driver.put(pictures);
  header.output_address = driver.put(Bytes(std::size_t{frames} * header.output_bytes));
  tomato::JobFields fields;
  fields.frames_per_run = frames;
  driver.run(device::job_descriptor(header, fields));
  const Bytes bytes =
      driver.processor.read_bytes(header.output_address, std::size_t{frames} * header.output_bytes);
  Bytes wide;
  for (std::size_t i = 0; i < bytes.size(); i += result_value) {
    device::put_number(wide, static_cast<std::uint64_t>(device::get_signed(bytes.data() + i, result_value)),
                       8);
  }
  std::cout << "streaming " << device.name() << " " << driver.cycles << " "
            << sha256_bytes(wide.data(), wide.size()) << "\n";
}

int run(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "error: usage: platform_lenet5 EIE.yaml STREAMING.yaml [approximately-timed]\n";
    return 2;
  }
  const RunConfig eie_config = load_run_config(argv[1]);
  const LoadedNetwork loaded = load_network_workload(eie_config.workload, eie_config.seed);
  const eie::Parameters& parameters = eie_config.architecture.parameters;
  const PreparedNetwork network =
      prepare_network(loaded, eie_config.workload.lowering.value_or(LoweringConfig{}), parameters);
  const tomato::TomatoConfig stream_config = tomato::load_tomato_config(argv[2]);
  const tomato::TomatoInputs inputs = tomato::load_tomato_inputs(stream_config);
  const tomato::MachineDesign machine = tomato::build_machine(stream_config, inputs.network, inputs.largest);

  device::DeviceParameters port;
  port.dma.coding = argc > 3 ? device::Coding::approximately_timed : device::Coding::loosely_timed;
  sc_core::sc_clock eie_clock("eie_clock", 1e3 / parameters.clock_mhz, sc_core::SC_NS);
  sc_core::sc_clock stream_clock("stream_clock", 1e3 / stream_config.architecture.parameters.clock_mhz,
                                 sc_core::SC_NS);
  sc_core::sc_signal<bool> reset("reset"), eie_interrupt("eie_interrupt"),
      stream_interrupt("stream_interrupt");
  device::MemoryParameters dram;
  dram.bytes = memory_bytes;
  device::Memory memory("memory", dram);
  device::Bus bus("bus");
  eie::Device eie("eie", parameters, port);
  tomato::StreamDeviceParameters stream_port;
  stream_port.device = port;
  tomato::StreamDevice stream("stream", machine.pipeline, stream_config.architecture.parameters, stream_port);
  device::Processor processor("processor", [&](device::Processor& p) {
    run_on_eie({p, eie_base, eie_interrupt}, eie_config, network, loaded.images);
    run_on_stream({p, stream_base, stream_interrupt}, stream, machine, inputs, stream_config.workload.frames);
    sc_core::sc_stop();
  });
  eie.clock(eie_clock);
  stream.clock(stream_clock);
  for (device::Device* each : {static_cast<device::Device*>(&eie), static_cast<device::Device*>(&stream)}) {
    each->reset(reset);
    each->memory.bind(bus.masters);
  }
  eie.interrupt(eie_interrupt);
  stream.interrupt(stream_interrupt);
  processor.socket.bind(bus.masters);
  bus.connect(memory.socket, 0, memory_bytes);
  bus.connect(eie.registers, eie_base, device::register_bytes);
  bus.connect(stream.registers, stream_base, device::register_bytes);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start();
  std::cout << "time " << sc_core::sc_time_stamp() << "\n";
  return 0;
}

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const InputDataError& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 3;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  }
}
