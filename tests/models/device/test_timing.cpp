// When things happen: compute cycles on the clock, what memory and port cost, what overlaps.

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "tests/file_bytes.h"
#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

using device::Coding;
using device::Register;

/// A layer whose loads and runs are of like length.
EieWork balanced_work(std::size_t vectors) {
  Case c;
  c.parameters.pe_count = 4;
  c.layer = layer_from_dense(64, 32, std::vector<std::uint8_t>(64 * 32, 3));
  for (int i = 0; i < 32; ++i) {
    c.activations.push_back(i % 3 == 0 ? i : 0);
  }
  return EieWork(c, vectors);
}

struct Timing {
  std::uint64_t nanoseconds = 0;  ///< from START to the interrupt
  std::uint64_t overlapped = 0;
  std::uint64_t most_under_way = 0;
  std::uint64_t longest_burst = 0;
  std::uint64_t invalidations = 0;
  std::uint64_t blocking = 0;
};

/// Runs a work; `middle` is called with the platform after so many nanoseconds.
Timing timing_of(EieWork work, const device::DeviceParameters& parameters,
                 const device::MemoryParameters& memory = {}, std::uint64_t middle_ns = 0,
                 const std::function<void(DevicePlatform&)>& middle = nullptr) {
  const std::string bytes = call_in_child([&]() -> std::string {
    DevicePlatform platform(memory);
    eie::Device device("device", work.of.parameters, parameters);
    const std::uint64_t base = platform.add(device);
    work.put(platform);
    Timing timing;
    std::string wrong;
    platform.program([&](device::Processor& processor) {
      const DeviceRegisters registers{processor, base};
      registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
      const sc_core::sc_time before = sc_core::sc_time_stamp();
      registers.start(work.descriptor);
      if (middle) {
        sc_core::wait(static_cast<double>(middle_ns), sc_core::SC_NS);
        wrong += platform.interrupts.front().read() ? "the middle comes too late\n" : "";
        middle(platform);
      }
      wrong += registers.wait_for(platform.interrupts.front()) ? "" : "no interrupt\n";
      timing.nanoseconds = static_cast<std::uint64_t>((sc_core::sc_time_stamp() - before).to_seconds() * 1e9);
      timing.overlapped = registers.read(Register::ITEMS_OVERLAPPED);
    });
    wrong += platform.simulate_all();
    wrong += work.check(platform);
    if (!wrong.empty()) {
      return "!" + wrong;
    }
    const ProtocolChecker::Counts& counts = platform.checkers.front().counts();
    timing.most_under_way = counts.most_under_way;
    timing.longest_burst = counts.longest_burst;
    timing.invalidations = counts.invalidations;
    timing.blocking = counts.blocking;
    ByteWriter writer;
    writer.put(timing);
    return writer.take();
  });
  INFO(bytes);
  REQUIRE(bytes.front() != '!');
  ByteReader reader(bytes);
  return reader.get<Timing>();
}

device::DeviceParameters port(Coding coding, bool double_buffering = false) {
  device::DeviceParameters parameters;
  parameters.dma.coding = coding;
  parameters.double_buffering = double_buffering;
  return parameters;
}

TEST_CASE("a vector takes the engine's cycles on the clock, from its start to the machine's end") {
  const EieWork work = balanced_work(1);
  const std::string took = in_platform([&] {
    DevicePlatform platform;
    eie::Device device("device", work.of.parameters, port(Coding::loosely_timed));
    const std::uint64_t base = platform.add(device);
    EieWork put = work;
    put.put(platform);
    // Memory without any time: the transfers end where they begin, so that what remains is the machine.
    sc_core::sc_time start, loaded, stored;
    std::uint64_t before = 0;
    platform.program([&](device::Processor& processor) {
      const DeviceRegisters registers{processor, base};
      registers.start(put.descriptor);
      // The last byte of the input is read, and the first of the results written, by transport or DMI; the
      // counters say when.
      const auto count = [&](Register which) {
        std::uint8_t data[8] = {};
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_READ_COMMAND);
        payload.set_address(base + static_cast<std::uint32_t>(which));
        payload.set_data_ptr(data);
        payload.set_data_length(8);
        processor.socket->transport_dbg(payload);
        return device::get_number(data, 4);
      };
      while (count(Register::BYTES_READ_LOW) < put.bytes_read) {
        sc_core::wait(platform.wires.clock.negedge_event());
      }
      loaded = sc_core::sc_time_stamp();
      while (count(Register::COMPUTE_CYCLES_LOW) == 0) {
        sc_core::wait(platform.wires.clock.negedge_event());
        sc_core::wait(sc_core::SC_ZERO_TIME);
        sc_core::wait(sc_core::SC_ZERO_TIME);
      }
      stored = sc_core::sc_time_stamp();
      before = count(Register::COMPUTE_CYCLES_LOW);
      wait_cycles(platform.wires, 1000);
    });
    const std::string wrong = platform.simulate_all();
    const double cycles = (stored - loaded) / clock_period;
    // The input may have come during the cycle before the falling edge that sees it.
    const bool right =
        cycles == static_cast<double>(put.cycles) || cycles == static_cast<double>(put.cycles) + 1;
    return wrong + (right && before == put.cycles
                        ? ""
                        : fmt::format("{} cycles on the clock, {} counted", cycles, before));
  });
  CHECK(took == "");
}

TEST_CASE("every parameter of the port and of the memory changes the time, in the direction that it should") {
  const EieWork work = balanced_work(4);
  const auto of = [&](const std::function<void(device::DeviceParameters&, device::MemoryParameters&)>& change,
                      Coding coding) {
    device::DeviceParameters parameters = port(coding);
    parameters.dma.dmi = false;
    device::MemoryParameters memory;
    change(parameters, memory);
    return timing_of(work, parameters, memory).nanoseconds;
  };
  for (const Coding coding : {Coding::loosely_timed, Coding::approximately_timed}) {
    INFO("coding " << static_cast<int>(coding));
    const std::uint64_t usual = of([](auto&, auto&) {}, coding);
    CHECK(of([](auto&, auto& m) { m.bytes_per_second /= 10; }, coding) > usual);
    CHECK(of([](auto&, auto& m) { m.latency *= 4; }, coding) > usual);
    CHECK(of([](auto& p, auto&) { p.dma.burst_bytes = 16; }, coding) > usual);
    CHECK(of(
              [](auto& p, auto&) {
                p.dma.data_width_bytes = 1;
                p.dma.beat *= 4;
              },
              coding) > usual);
    CHECK(of([](auto& p, auto&) { p.double_buffering = true; }, coding) < usual);
    if (coding == Coding::approximately_timed) {
      CHECK(of([](auto& p, auto&) { p.dma.outstanding = 1; }, coding) > usual);
      CHECK(of([](auto&, auto& m) { m.queue_requests = 1; }, coding) > usual);
    } else {
      CHECK(of([](auto& p, auto&) { p.dma.dmi = true; }, coding) < usual);
      CHECK(of(
                [](auto& p, auto& m) {
                  p.dma.dmi = true;
                  m.dmi = false;
                },
                coding) == usual);
    }
  }
}

TEST_CASE("a slow memory's bandwidth is what a load takes, whatever else") {
  // 1 byte in 10 ns: all but the runs is transfer.
  const EieWork work = balanced_work(2);
  device::MemoryParameters memory;
  memory.bytes_per_second = 1e8;
  memory.latency = sc_core::SC_ZERO_TIME;
  std::uint64_t bytes = 0;
  {
    const eie::JobData data =
        eie::job_data(work.of.parameters, work.of.layer,
                      eie::encode(work.of.layer.matrix, eie::image_geometry(work.of.parameters)));
    bytes = device::job_bytes + data.codebook.size() + data.pointers.size() + data.rows.size() +
            2 * (work.header.input_bytes + work.header.output_bytes);
  }
  for (const Coding coding : {Coding::loosely_timed, Coding::approximately_timed}) {
    device::DeviceParameters parameters = port(coding);
    parameters.dma.dmi = false;
    const std::uint64_t expected = bytes * 10 + work.cycles * 10;
    const std::uint64_t got = timing_of(work, parameters, memory).nanoseconds;
    CHECK(got >= expected);
    CHECK(got < expected + 500);  // the driver's writes, edges of the clock, beats of the port
  }
}

TEST_CASE("items overlap where the activation memory has room, and nowhere else") {
  EieWork work = balanced_work(4);
  CHECK(timing_of(work, port(Coding::loosely_timed, true)).overlapped == 3);
  CHECK(timing_of(work, port(Coding::loosely_timed, false)).overlapped == 0);
  // 8 inputs and 16 outputs in each PE, of 2 bytes.
  work.of.parameters.activation_sram_bytes = 48;
  CHECK(timing_of(work, port(Coding::loosely_timed, true)).overlapped == 3);
  work.of.parameters.activation_sram_bytes = 46;
  CHECK(timing_of(work, port(Coding::loosely_timed, true)).overlapped == 0);
}

TEST_CASE("bursts stay within their size, and as many are under way as the port allows") {
  const EieWork work = balanced_work(2);
  for (const std::uint32_t outstanding : {1U, 2U, 5U}) {
    device::DeviceParameters parameters = port(Coding::approximately_timed);
    parameters.dma.outstanding = outstanding;
    parameters.dma.burst_bytes = 32;
    const Timing timing = timing_of(work, parameters);
    CHECK(timing.most_under_way == outstanding);
    CHECK(timing.longest_burst == 32);
  }
}

TEST_CASE("DMI that is withdrawn in the middle of a job is asked for again, and no byte is lost") {
  const EieWork work = balanced_work(8);
  const device::DeviceParameters parameters = port(Coding::loosely_timed);
  const Timing undisturbed = timing_of(work, parameters);
  const Timing disturbed = timing_of(work, parameters, {}, 3000,
                                     [](DevicePlatform& platform) { platform.memory.invalidate_dmi(); });
  CHECK(undisturbed.invalidations == 0);
  CHECK(disturbed.invalidations == 1);
  CHECK(undisturbed.blocking == 2);  // the first burst of each direction
  CHECK(disturbed.blocking == 4);
}

TEST_CASE("the quantum decides how often a port that runs ahead is synchronised, and nothing else") {
  const EieWork work = balanced_work(3);
  device::DeviceParameters parameters = port(Coding::loosely_timed);
  parameters.dma.dmi = false;
  const std::uint64_t usual = timing_of(work, parameters).nanoseconds;
  tlm::tlm_global_quantum::instance().set(sc_core::sc_time(10, sc_core::SC_US));
  const std::uint64_t ahead = timing_of(work, parameters).nanoseconds;
  tlm::tlm_global_quantum::instance().set(sc_core::SC_ZERO_TIME);
  CHECK(ahead == usual);
}

// Reset, several devices, waves
// ------------------------------------------------------------------------------------------------------------

TEST_CASE("a reset in the middle of a job, by line or command, and the next job is as if nothing had been") {
  const EieWork work = balanced_work(3);
  const std::uint64_t whole_ns = timing_of(work, port(Coding::approximately_timed, true)).nanoseconds;
  for (const Manner& manner : manners()) {
    for (std::uint64_t part = 1; part <= 9; part += 2) {
      for (const bool line : {false, true}) {
        INFO(manner.name << ", after " << part << " tenths, " << (line ? "line" : "command"));
        CHECK(in_platform([&] {
                DevicePlatform platform;
                eie::Device device("device", work.of.parameters, manner.parameters);
                const std::uint64_t base = platform.add(device);
                EieWork first = work;
                EieWork second = work;
                first.put(platform);
                second.put(platform);
                std::string wrong;
                platform.program([&](device::Processor& processor) {
                  const DeviceRegisters registers{processor, base};
                  registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
                  registers.start(first.descriptor);
                  sc_core::wait(static_cast<double>(whole_ns * part / 10), sc_core::SC_NS);
                  wrong += registers.busy() ? "" : "the job is over before the reset\n";
                  if (line) {
                    platform.wires.reset = true;
                    wait_cycles(platform.wires, 1);
                    platform.wires.reset = false;
                  } else {
                    registers.write(Register::CONTROL, device::CONTROL_RESET);
                  }
                  registers.write(Register::CONTROL, device::CONTROL_START);  // ignored: busy with the reset
                  for (int i = 0; i < 1000 && registers.busy(); ++i) {
                    wait_cycles(platform.wires, 1);
                  }
                  wrong += registers.read(Register::STATUS) == 0 ? "" : "status after reset\n";
                  wrong += registers.read(Register::JOBS_DONE) == 0 ? "" : "jobs done after reset\n";
                  const bool kept = registers.read(Register::JOB_LOW) != 0;
                  wrong += kept == !line ? "" : "JOB after reset\n";
                  const auto untouched = platform.get(second.header.output_address, 4);
                  wait_cycles(platform.wires, 300);
                  wrong += registers.read(Register::STATUS) == 0 ? "" : "the old job goes on\n";
                  wrong += platform.get(second.header.output_address, 4) == untouched
                               ? ""
                               : "writes after reset\n";
                  registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
                  registers.start(second.descriptor);
                  wrong += registers.wait_for(platform.interrupts.front()) ? "" : "no interrupt\n";
                  wrong +=
                      registers.read_long(Register::COMPUTE_CYCLES_LOW) == second.cycles ? "" : "cycles\n";
                });
                wrong = platform.simulate_all() + wrong;
                return wrong + second.check(platform);
              }) == "");
      }
    }
  }
}

TEST_CASE("a machine is reset before its run has begun, and no run comes after all") {
  // The command comes in every cycle around the start of the machine.
  const EieWork work = balanced_work(1);
  const device::DeviceParameters parameters = port(Coding::loosely_timed);
  const std::uint64_t whole_ns = timing_of(work, parameters).nanoseconds;
  for (std::uint64_t ns = whole_ns - work.cycles * 10 - 300; ns < whole_ns - work.cycles * 10 + 100;
       ns += 5) {
    INFO(ns << " ns");
    CHECK(in_platform([&] {
            DevicePlatform platform;
            eie::Device device("device", work.of.parameters, parameters);
            const std::uint64_t base = platform.add(device);
            EieWork job = work;
            job.put(platform);
            std::string wrong;
            platform.program([&](device::Processor& processor) {
              const DeviceRegisters registers{processor, base};
              registers.start(job.descriptor);
              sc_core::wait(static_cast<double>(ns), sc_core::SC_NS);
              registers.write(Register::CONTROL, device::CONTROL_RESET);
              wait_cycles(platform.wires, 20);
              wrong += registers.busy() ? "busy\n" : "";
              registers.start(job.descriptor);
              wait_cycles(platform.wires, static_cast<int>(whole_ns / 10) + 50);
              wrong += registers.read(Register::STATUS) == device::STATUS_DONE ? "" : "not done\n";
              wrong += registers.read_long(Register::COMPUTE_CYCLES_LOW) == job.cycles ? "" : "cycles\n";
            });
            wrong = platform.simulate_all() + wrong;
            return wrong + job.check(platform);
          }) == "");
  }
}

TEST_CASE("three devices of two families share a bus and a memory") {
  const EieWork small(random_case(11), 2);
  const EieWork big = balanced_work(3);
  const PipelineCase c = running_pipeline(420);
  const StreamWork frames(c, 1);
  for (const Manner& manner : manners()) {
    INFO(manner.name);
    CHECK(in_platform([&] {
            DevicePlatform platform;
            eie::Device first("first", small.of.parameters, manner.parameters);
            eie::Device second("second", big.of.parameters, manner.parameters);
            tomato::StreamDeviceParameters stream;
            stream.device = manner.parameters;
            tomato::StreamDevice third("third", c.pipeline, c.parameters, stream);
            const std::vector<std::uint64_t> bases = {platform.add(first), platform.add(second),
                                                      platform.add(third)};
            EieWork a = small;
            EieWork b = big;
            StreamWork d = frames;
            a.put(platform);
            b.put(platform, 0, device::job_flag_interrupt);
            d.put(platform);
            const std::vector<std::uint64_t> jobs = {a.descriptor, b.descriptor, d.descriptor};
            const std::vector<std::uint64_t> cycles = {a.cycles, b.cycles, d.cycles};
            std::string wrong;
            platform.program([&](device::Processor& processor) {
              for (std::size_t i = 0; i < 3; ++i) {
                const DeviceRegisters registers{processor, bases[i]};
                registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
                registers.start(jobs[i]);
              }
              for (std::size_t i = 0; i < 3; ++i) {
                const DeviceRegisters registers{processor, bases[i]};
                wrong += registers.wait_for(platform.interrupts[i]) ? "" : "no interrupt\n";
                const std::uint32_t events = registers.read(Register::INTERRUPT_STATUS);
                const std::uint32_t asked = i == 1 ? device::INTERRUPT_STATUS_JOB : 0;
                wrong += events == (device::INTERRUPT_STATUS_DONE | asked) ? "" : "interrupt status\n";
                wrong += registers.read_long(Register::COMPUTE_CYCLES_LOW) == cycles[i] ? "" : "cycles\n";
              }
            });
            wrong = platform.simulate_all() + wrong;
            return wrong + a.check(platform) + b.check(platform) + d.check(platform);
          }) == "");
  }
}

TEST_CASE("a device's waves have the names of the hierarchy") {
  const TemporaryFolder folder;
  const EieWork work = balanced_work(1);
  const std::string path = folder.path() + "/device";
  CHECK(in_platform([&] {
          DevicePlatform platform;
          eie::Device device("device", work.of.parameters, port(Coding::loosely_timed));
          const std::uint64_t base = platform.add(device);
          EieWork job = work;
          job.put(platform);
          sc_core::sc_trace_file* file = sc_core::sc_create_vcd_trace_file(path.c_str());
          device.trace(file);
          platform.program([&](device::Processor& processor) {
            const DeviceRegisters registers{processor, base};
            registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
            registers.start(job.descriptor);
            registers.wait_for(platform.interrupts.front());
          });
          const std::string wrong = platform.simulate_all();
          sc_core::sc_close_vcd_trace_file(file);
          return wrong;
        }) == "");
  const Bytes bytes = read_all(path + ".vcd");
  const std::string text(bytes.begin(), bytes.end());
  CHECK_THAT(text, Catch::Contains("items_done") && Catch::Contains("status") && Catch::Contains("queue"));
}

TEST_CASE("ports, memories and buses that cannot be are refused by name") {
  using device::DmaParameters;
  const auto message = [](const std::function<void()>& make) { return message_of<ConfigurationError>(make); };
  const auto dma = [&](const std::function<void(DmaParameters&)>& change) {
    DmaParameters parameters;
    change(parameters);
    return message([&] { device::Dma("dma", parameters); });
  };
  CHECK_THAT(dma([](auto& p) { p.burst_bytes = 48; }), Catch::Contains("burst_bytes: 48; a power of two"));
  CHECK_THAT(dma([](auto& p) { p.outstanding = 0; }), Catch::Contains("outstanding: 0"));
  CHECK_THAT(dma([](auto& p) { p.data_width_bytes = 0; }), Catch::Contains("data_width_bytes: 0"));
  CHECK_THAT(dma([](auto& p) { p.beat = sc_core::SC_ZERO_TIME; }), Catch::Contains("beat"));
  CHECK_THAT(message([] {
               device::MemoryParameters parameters;
               parameters.bytes_per_second = 0;
               device::Memory memory("memory", parameters);
             }),
             Catch::Contains("bandwidth"));
  CHECK_THAT(message([] {
               device::Bus bus("bus");
               device::Memory one("one");
               device::Memory two("two");
               bus.connect(one.socket, 0x1000, 0x1000);
               bus.connect(two.socket, 0x1FFF, 1);
             }),
             Catch::Contains("overlap"));
}

}  // namespace
}  // namespace lacuna::test
