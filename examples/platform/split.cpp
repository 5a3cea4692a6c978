// A driver splits a layer that is larger than the machine's memories. It asks for the parts that fit, puts a
// job for each into memory, starts them as one chain, and joins the results: outputs side by side, partial
// sums added. `lacuna run` does the same with a `memory:` section, without a platform; values and cycles are
// those that it says (docs/device.md, docs/memory.md).
//
//   platform_split CONFIG.yaml REFERENCE_FOLDER        the first layer, with the memory that the file says

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>

#include "models/common/error.h"
#include "models/device/bus.h"
#include "models/device/memory.h"
#include "models/device/processor.h"
#include "models/eie/device/eie_device.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/layer_parts.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"

using namespace lacuna;
using device::Register;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t memory_bytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t eie_base = 0x40000000;

/// Memory that the driver hands out, in whole bursts.
struct Heap {
  std::vector<std::uint8_t>& memory;
  std::uint64_t free = 0x1000;

  std::uint64_t put(const Bytes& bytes) {
    const std::uint64_t address = free;
    std::copy(bytes.begin(), bytes.end(), memory.begin() + static_cast<std::ptrdiff_t>(address));
    free = (free + bytes.size() + 63) / 64 * 64;
    return address;
  }
};

/// A part's job in memory.
struct PartJob {
  std::uint64_t descriptor = 0;
  device::JobHeader header;
};

PartJob put_job(Heap& heap, const eie::Parameters& machine, const QuantisedLayer& part) {
  const eie::MemoryImage image = fitting_image(machine, part.layer);
  const eie::JobData data = eie::job_data(machine, part.layer, image);
  const std::size_t value = eie::JobLayout(machine).activation_bytes;
  PartJob job;
  job.descriptor = heap.put(Bytes(device::job_bytes));
  eie::JobFields fields = eie::job_fields(part.layer, data);
  fields.codebook_address = heap.put(data.codebook);
  fields.pointer_address = heap.put(data.pointers);
  fields.row_address = heap.put(data.rows);
  job.header.magic = device::job_magic;
  job.header.version = device::job_version;
  job.header.size_bytes = device::job_bytes;
  job.header.family = eie::device_family;
  job.header.items = static_cast<std::uint32_t>(part.activations.size());
  job.header.input_bytes = static_cast<std::uint32_t>(part.layer.inputs() * value);
  job.header.output_bytes = static_cast<std::uint32_t>(part.layer.outputs() * value);
  Bytes inputs;
  for (const auto& vector : part.activations) {
    const Bytes bytes = eie::values_to_bytes(vector, value);
    inputs.insert(inputs.end(), bytes.begin(), bytes.end());
  }
  job.header.input_address = heap.put(inputs);
  job.header.output_address = heap.put(Bytes(std::size_t{job.header.items} * job.header.output_bytes));
  const Bytes descriptor = device::job_descriptor(job.header, fields);
  std::copy(descriptor.begin(), descriptor.end(),
            heap.memory.begin() + static_cast<std::ptrdiff_t>(job.descriptor));
  return job;
}

/// Each descriptor names the next.
void chain(Heap& heap, const std::vector<PartJob>& jobs) {
  for (std::size_t i = 0; i + 1 < jobs.size(); ++i) {
    Bytes next;
    device::put_number(next, jobs[i + 1].descriptor, 8);
    constexpr std::uint64_t offset_of_next = 16;
    std::copy(next.begin(), next.end(),
              heap.memory.begin() + static_cast<std::ptrdiff_t>(jobs[i].descriptor + offset_of_next));
  }
}

std::vector<std::vector<std::int32_t>> results_of(const Heap& heap, const eie::Parameters& machine,
                                                  const PartJob& job, std::uint32_t outputs) {
  std::vector<std::vector<std::int32_t>> results;
  for (std::uint32_t i = 0; i < job.header.items; ++i) {
    results.push_back(eie::values_from_bytes(
        heap.memory.data() + job.header.output_address + std::uint64_t{i} * job.header.output_bytes, outputs,
        eie::JobLayout(machine).activation_bytes));
  }
  return results;
}

int run(const char* path, const std::string& reference_folder) {
  const RunConfig config = load_run_config(path);
  const eie::Parameters& machine = config.architecture.parameters;
  const memory::Parameters outside = config.memory.value_or(memory::Parameters{});
  const LayerConfig& layer_config = config.workload.layers.front();
  const SourcedTrace sourced = load_layer(layer_config, {reference_folder, config.seed});
  const QuantisedLayer layer = prepare_layer(layer_config, sourced.trace, nullptr, machine);

  const auto engine = make_engine(EngineKind::timeline, machine);
  PartPlan plan;
  try {
    fitting_image(*engine, layer.layer);
    plan.parts.push_back({0, layer.layer.outputs(), 0, layer.layer.inputs(), layer.layer.has_bias});
  } catch (const CapacityError& whole) {
    std::cout << whole.what() << "\n";
    plan = plan_parts(*engine, layer.layer, whole);
  }

  device::MemoryParameters dram;
  dram.bytes = memory_bytes;
  dram.bytes_per_second = outside.bandwidth_gb_per_s * 1e9;
  dram.latency = {outside.latency_ns, sc_core::SC_NS};
  dram.queue_requests = 2 * outside.outstanding_bursts;
  device::Memory memory("memory", dram);
  Heap heap{memory.bytes()};
  std::vector<PartJob> jobs;
  for (const LayerPart& part : plan.parts) {
    jobs.push_back(put_job(heap, machine, part_of(layer, part, plan.splits_inputs)));
  }
  chain(heap, jobs);

  const sc_core::sc_time period(1e3 / machine.clock_mhz, sc_core::SC_NS);
  device::DeviceParameters port;
  port.dma.coding = device::Coding::approximately_timed;
  port.dma.burst_bytes = outside.burst_bytes;
  port.dma.outstanding = outside.outstanding_bursts;
  port.dma.data_width_bytes = outside.port_width_bytes;
  port.dma.beat = period;
  port.double_buffering = outside.double_buffering;
  sc_core::sc_clock clock("clock", period);
  sc_core::sc_signal<bool> reset("reset");
  sc_core::sc_signal<bool> interrupt("interrupt");
  device::Bus bus("bus");
  eie::Device eie("eie", machine, port);
  std::uint64_t compute_cycles = 0;
  double cycles = 0;
  device::Processor processor("processor", [&](device::Processor& p) {
    const auto address = [](Register which) { return eie_base + static_cast<std::uint32_t>(which); };
    p.write_register(address(Register::INTERRUPT_ENABLE),
                     device::INTERRUPT_ENABLE_DONE | device::INTERRUPT_ENABLE_ERROR);
    p.write_register(address(Register::JOB_LOW), static_cast<std::uint32_t>(jobs.front().descriptor));
    sc_core::wait(clock.negedge_event());
    p.write_register(address(Register::CONTROL), device::CONTROL_START);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    sc_core::wait(interrupt.posedge_event());
    cycles = std::ceil((sc_core::sc_time_stamp() - begin) / period);
    compute_cycles = p.read_register(address(Register::COMPUTE_CYCLES_LOW));
    sc_core::sc_stop();
  });
  eie.clock(clock);
  eie.reset(reset);
  eie.interrupt(interrupt);
  eie.memory.bind(bus.masters);
  processor.socket.bind(bus.masters);
  bus.connect(memory.socket, 0, memory_bytes);
  bus.connect(eie.registers, eie_base, device::register_bytes);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start();

  std::vector<std::vector<std::vector<std::int32_t>>> results;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    results.push_back(results_of(heap, machine, jobs[i], plan.parts[i].outputs));
  }
  std::cout << layer.layer.name << ": " << jobs.size() << " jobs, " << std::uint64_t(cycles) << " cycles, "
            << compute_cycles << " of runs, outputs "
            << outputs_checksum(join_outputs(machine, layer.layer, plan, results)) << "\n";
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "error: usage: platform_split CONFIG.yaml REFERENCE_FOLDER (configs/reference)\n";
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  }
}
