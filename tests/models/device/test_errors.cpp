// What a driver or a memory can do wrong: a code in STATUS, one line, and the device works on.

#include <cstdlib>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/tomato/timeline/timeline_engine.h"
#include "tests/dice.h"
#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

using device::ErrorCode;
using device::Register;

/// A job on a device that holds it, changed by `spoil`, between two good ones: the first is done, the chain
/// ends with the code, the line contains `text`, and a good chain runs afterwards.
std::string spoiled(const EieWork& good, const std::function<void(EieWork&, DevicePlatform&)>& spoil,
                    ErrorCode code, const std::string& text, const Manner& manner) {
  return in_platform([&] {
    DevicePlatform platform;
    eie::Device device("device", good.of.parameters, manner.parameters);
    const std::uint64_t base = platform.add(device);
    std::vector<EieWork> chain(3, good);
    chain[2].put(platform);
    chain[1].put(platform, chain[2].descriptor);
    chain[0].put(platform, chain[1].descriptor);
    spoil(chain[1], platform);
    EieWork later = good;
    later.put(platform);
    std::string wrong;
    platform.program([&](device::Processor& processor) {
      const DeviceRegisters registers{processor, base};
      registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_ERROR);
      registers.start(chain[0].descriptor);
      wrong += registers.wait_for(platform.interrupts.front()) ? "" : "no interrupt\n";
      const ErrorCode got = registers.error();
      wrong += got == code ? "" : fmt::format("code {}\n", static_cast<std::uint32_t>(got));
      wrong += registers.busy() ? "still busy\n" : "";
      wrong += registers.read(Register::JOBS_DONE) == 1 ? "" : "jobs done\n";
      wrong +=
          device.error_text().find(text) != std::string::npos ? "" : "line: " + device.error_text() + "\n";
      wrong += chain[0].check(platform);
      registers.write(Register::INTERRUPT_STATUS, device::INTERRUPT_STATUS_ERROR);
      registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_DONE);
      registers.start(later.descriptor);
      wrong += registers.wait_for(platform.interrupts.front()) ? "" : "no interrupt of a good job\n";
      wrong += registers.error() == ErrorCode::NONE ? "" : "the error stays\n";
      wrong += later.check(platform);
    });
    return platform.simulate_all() + wrong;
  });
}

struct Spoil {
  const char* what;
  ErrorCode code;
  const char* text;
  std::function<void(EieWork&, DevicePlatform&)> how;
};

std::function<void(EieWork&, DevicePlatform&)> header(const std::function<void(EieWork&)>& change) {
  return [change](EieWork& work, DevicePlatform& platform) {
    change(work);
    platform.overwrite(work.descriptor, device::job_descriptor(work.header, work.fields));
  };
}
std::function<void(EieWork&, DevicePlatform&)> byte(std::uint64_t eie::JobFields::*address,
                                                    std::size_t offset, std::uint8_t value) {
  return [=](EieWork& work, DevicePlatform& platform) {
    platform.overwrite(work.fields.*address + offset, {value});
  };
}

const std::vector<Spoil>& spoils() {
  constexpr std::uint64_t nowhere = 0x7000000000;
  static const std::vector<Spoil> all = {
      {"magic", ErrorCode::MAGIC, "magic 0x1", header([](EieWork& w) { w.header.magic = 1; })},
      {"version", ErrorCode::VERSION, "version 2", header([](EieWork& w) { w.header.version = 2; })},
      {"size", ErrorCode::VERSION, "64 bytes", header([](EieWork& w) { w.header.size_bytes = 64; })},
      {"family", ErrorCode::FAMILY, "family 2", header([](EieWork& w) { w.header.family = 2; })},
      {"flags", ErrorCode::FIELD, "flags 0x2", header([](EieWork& w) { w.header.flags = 2; })},
      {"reserved", ErrorCode::FIELD, "reserved 0x9", header([](EieWork& w) { w.header.reserved = 9; })},
      {"no items", ErrorCode::FIELD, "items 0", header([](EieWork& w) { w.header.items = 0; })},
      {"input bytes", ErrorCode::FIELD, "input_bytes", header([](EieWork& w) { ++w.header.input_bytes; })},
      {"output bytes", ErrorCode::FIELD, "output_bytes", header([](EieWork& w) { ++w.header.output_bytes; })},
      {"wrapping", ErrorCode::FIELD, "below 2^64",
       header([](EieWork& w) { w.header.input_address = ~0ULL; })},
      {"no inputs", ErrorCode::FIELD, "inputs 0", header([](EieWork& w) { w.fields.inputs = 0; })},
      {"outputs", ErrorCode::FIELD, "outputs", header([](EieWork& w) { w.fields.outputs = 0xFFFFFFFF; })},
      {"format", ErrorCode::FIELD, "weight_integer_bits 16",
       header([](EieWork& w) { w.fields.weight_integer_bits = 16; })},
      {"layer bits", ErrorCode::FIELD, "layer 4", header([](EieWork& w) { w.fields.layer = 4; })},
      {"codebook", ErrorCode::FIELD, "codebook_entries 17",
       header([](EieWork& w) { w.fields.codebook_entries = 17; })},
      {"zeros", ErrorCode::FIELD, "byte 127 is 1",
       [](EieWork& w, DevicePlatform& p) { p.overwrite(w.descriptor + 127, {1}); }},
      {"pointer bytes", ErrorCode::FIELD, "pointer_bytes",
       header([](EieWork& w) { --w.fields.pointer_bytes; })},
      {"row bytes", ErrorCode::WEIGHTS, "row_bytes", header([](EieWork& w) { w.fields.row_bytes += 8; })},
      {"too many pointers", ErrorCode::CAPACITY, "pointer SRAM", header([](EieWork& w) {
         w.fields.inputs = 20000;
         w.header.input_bytes = 40000;
       })},
      {"formats", ErrorCode::CAPACITY, "accumulator format",
       header([](EieWork& w) { w.fields.accumulator_integer_bits = 0; })},
      {"first pointer", ErrorCode::WEIGHTS, "pointer 0 of PE 0 is 0x1",
       byte(&eie::JobFields::pointer_address, 0, 1)},
      {"falling pointers", ErrorCode::WEIGHTS, "pointer 2 of PE 0",
       byte(&eie::JobFields::pointer_address, 4, 0)},
      {"shared weight 0", ErrorCode::WEIGHTS, "shared weight 0 is 1",
       byte(&eie::JobFields::codebook_address, 0, 1)},
      {"padding", ErrorCode::WEIGHTS, "entry 0 of PE 0: code 0, zeros 1",
       byte(&eie::JobFields::row_address, 0, 0x10)},
      {"row", ErrorCode::WEIGHTS, "entry 0 of PE 0: code 3, zeros 9",
       byte(&eie::JobFields::row_address, 0, 0x93)},
      {"codebook nowhere", ErrorCode::BUS, "read at 0x7000000000",
       header([](EieWork& w) { w.fields.codebook_address = nowhere; })},
      {"pointers nowhere", ErrorCode::BUS, "read at",
       header([](EieWork& w) { w.fields.pointer_address = nowhere; })},
      {"rows nowhere", ErrorCode::BUS, "read at", header([](EieWork& w) { w.fields.row_address = nowhere; })},
      {"inputs nowhere", ErrorCode::BUS, "read at",
       header([](EieWork& w) { w.header.input_address = nowhere; })},
      {"outputs nowhere", ErrorCode::BUS, "write at 0x7000000000",
       header([](EieWork& w) { w.header.output_address = nowhere; })},
  };
  return all;
}

EieWork good_work() {
  Case c;
  c.parameters.pe_count = 4;
  c.layer = layer_from_dense(8, 8, std::vector<std::uint8_t>(64, 3));
  c.activations = {1, 0, 2, 0, 3, 4, 0, 5};
  return EieWork(c, 2);
}

TEST_CASE("a job that is wrong ends its chain with a code and a line, and nothing else") {
  const EieWork good = good_work();
  for (const Manner& manner : manners()) {
    for (const Spoil& spoil : spoils()) {
      INFO(manner.name << ": " << spoil.what);
      CHECK(spoiled(good, spoil.how, spoil.code, spoil.text, manner) == "");
    }
  }
}

TEST_CASE("values outside of their format are found before the machine sees them") {
  Case c = random_case(7);
  c.parameters.activation_width_bits = 12;
  c.parameters.activation_sram_width_bits = 64;
  c.parameters.pe_count = 4;
  c.parameters.spmat_width_bits = 64;
  c.layer = layer_from_dense(8, 8, std::vector<std::uint8_t>(64, 3));
  c.parameters.codebook_index_bits = 4;
  c.parameters.relative_index_bits = 4;
  c.parameters.weight_value_width_bits = 16;
  c.parameters.accumulator_width_bits = 16;
  c.layer.formats = {{16, 15}, {12, 11}, {16, 15}, {12, 11}};
  c.activations = {1, 0, 2, 0, 3, 4, 0, 5};
  const EieWork good(c, 2);
  for (const Manner& manner : manners()) {
    INFO(manner.name);
    CHECK(spoiled(
              good,
              [](EieWork& w, DevicePlatform& p) {
                p.overwrite(w.header.input_address + 2, {0, 8});  // 2048
              },
              ErrorCode::VALUE, "activation 1 is 2048", manner) == "");
  }
}

TEST_CASE("frames that do not fit the streaming device") {
  const PipelineCase c = running_pipeline(410);
  const StreamWork good(c, 1);
  const auto code_of = [&](const std::function<void(StreamWork&)>& change) {
    return in_platform([&] {
      DevicePlatform platform;
      tomato::StreamDeviceParameters parameters;
      parameters.input_buffer_bytes = good.header.input_bytes;
      tomato::StreamDevice device("device", c.pipeline, c.parameters, parameters);
      const std::uint64_t base = platform.add(device);
      StreamWork work = good;
      change(work);
      work.put(platform);
      std::string code;
      platform.program([&](device::Processor& processor) {
        const DeviceRegisters registers{processor, base};
        registers.start(work.descriptor);
        for (int i = 0; i < 100000 && registers.busy(); ++i) {
          wait_cycles(platform.wires, 10);
        }
        code = fmt::format("{}", static_cast<std::uint32_t>(registers.error()));
      });
      return platform.simulate_all() + code;
    });
  };
  CHECK(code_of([](StreamWork& /*work*/) {}) == "0");
  CHECK(code_of([](StreamWork& w) { w.fields.frames_per_run = 0; }) == "4");
  CHECK(code_of([](StreamWork& w) { ++w.header.output_bytes; }) == "4");
  CHECK(code_of([](StreamWork& w) {
          w.fields.frames_per_run = 2;
          w.header.items = 2;
        }) == "5");
  CHECK(code_of([](StreamWork& w) { w.of.input.pixels.front().front() = 1 << 20; }) ==
        (good.frame_bytes < 4 ? "0" : "7"));
}

TEST_CASE("a pipeline that stands still ends its job, says why, and takes no later one for the old") {
  std::uint64_t seed = 0;
  PipelineCase c = random_pipeline(seed);
  while (!tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input).deadlock) {
    c = random_pipeline(++seed);
  }
  CHECK(
      in_platform([&] {
        DevicePlatform platform;
        tomato::StreamDevice device("device", c.pipeline, c.parameters);
        const std::uint64_t base = platform.add(device);
        std::string wrong;
        platform.program([&](device::Processor& processor) {
          const DeviceRegisters registers{processor, base};
          registers.write(Register::INTERRUPT_ENABLE, device::INTERRUPT_ENABLE_ERROR);
          const auto own = [&](std::uint32_t offset) { return processor.read_register(base + offset); };
          device::JobHeader header{device::job_magic,
                                   device::job_version,
                                   device::job_bytes,
                                   tomato::device_family,
                                   0,
                                   0,
                                   0,
                                   0,
                                   c.input.frames,
                                   0,
                                   0,
                                   0};
          header.input_bytes = own(0x100) * own(0x104) * own(0x108) * own(0x10C);
          header.output_bytes = own(0x110) * own(0x114) * own(0x118) * own(0x11C);
          header.input_address = platform.reserve(std::uint64_t{header.items} * header.input_bytes);
          platform.overwrite(header.input_address,
                             std::vector<std::uint8_t>(std::uint64_t{header.items} * header.input_bytes, 0));
          header.output_address = platform.reserve(std::uint64_t{header.items} * header.output_bytes);
          tomato::JobFields fields;
          fields.frames_per_run = header.items;
          const std::uint64_t job = platform.put(device::job_descriptor(header, fields));
          for (int i = 0; i < 2; ++i) {
            registers.start(job);
            wrong += registers.wait_for(platform.interrupts.front()) ? "" : "no interrupt\n";
            wrong +=
                registers.error() == ErrorCode::DEADLOCK ? "" : "no deadlock: " + device.error_text() + "\n";
            wrong += device.error_text().find("FIFO") != std::string::npos ? "" : device.error_text() + "\n";
            registers.write(Register::INTERRUPT_STATUS, device::INTERRUPT_STATUS_ERROR);
            wait_cycles(platform.wires, 2);
          }
        });
        return platform.simulate_all() + wrong;
      }) == "");
}

/// What a device makes of descriptors and data with random changes: it ends, with a status, in time.
TEST_CASE(
    "random descriptors, random data and random registers: no crash, no hang, the status says what it was") {
  std::map<std::uint32_t, int> codes;
  for (std::uint64_t seed = 0; seed < 160; ++seed) {
    const std::string outcome = in_platform([&] {
      Dice dice(seed);
      const Manner& manner = manners()[seed % manners().size()];
      DevicePlatform platform;
      const Case c = random_case(500 + seed % 5);
      eie::Device device("device", c.parameters, manner.parameters);
      const std::uint64_t base = platform.add(device);
      EieWork work(c, 2);
      work.put(platform);
      const int changes = dice.number(1, 4);
      for (int i = 0; i < changes; ++i) {
        const std::uint64_t where = dice.of<std::uint64_t>(
            {work.descriptor + static_cast<std::uint64_t>(dice.between(8, 127)),
             work.fields.codebook_address + static_cast<std::uint64_t>(dice.between(0, 7)),
             work.fields.pointer_address +
                 static_cast<std::uint64_t>(dice.between(0, work.fields.pointer_bytes - 1)),
             work.fields.row_address + static_cast<std::uint64_t>(dice.between(0, 40)),
             work.header.input_address +
                 static_cast<std::uint64_t>(dice.between(0, work.header.input_bytes - 1))});
        platform.overwrite(where, {static_cast<std::uint8_t>(dice.chance(50) ? 1 << dice.number(0, 7)
                                                                             : dice.number(0, 255))});
      }
      std::string result;
      platform.program([&](device::Processor& processor) {
        const DeviceRegisters registers{processor, base};
        registers.start(work.descriptor);
        // Registers are written at random beside it; START is ignored as long as the device is busy.
        for (int i = 0; i < 20; ++i) {
          const auto offset = static_cast<std::uint32_t>(4 * dice.between(4, 127));
          processor.write_register(base + offset, dice.u32(0, 0xFFFFFFFF));
          processor.read_register(base + 4 * static_cast<std::uint32_t>(dice.between(0, 127)));
          wait_cycles(platform.wires, dice.number(0, 40));
        }
        // A job of billions of vectors takes its time; what ends it is a reset.
        for (int i = 0; i < 300 && registers.busy(); ++i) {
          wait_cycles(platform.wires, 100);
        }
        if (registers.busy()) {
          registers.write(Register::CONTROL, device::CONTROL_RESET);
          for (int i = 0; i < 100 && registers.busy(); ++i) {
            wait_cycles(platform.wires, 10);
          }
          result = registers.busy() ? "reset does not end it" : "100";
          return;
        }
        result = fmt::format("{}", static_cast<std::uint32_t>(registers.error()));
        if ((registers.error() == ErrorCode::NONE) != device.error_text().empty() ||
            device.error_text().find('\n') != std::string::npos) {
          result = "code and line disagree: " + device.error_text();
        }
      });
      return platform.simulate_all() + result;
    });
    INFO("seed " << seed);
    CHECK(outcome.find_first_not_of("0123456789") == std::string::npos);
    ++codes[static_cast<std::uint32_t>(std::atoi(outcome.c_str()))];
  }
  // The changes reach good jobs as well as most kinds of bad ones.
  CHECK(codes[0] > 5);
  CHECK(codes[static_cast<std::uint32_t>(ErrorCode::FIELD)] > 5);
  CHECK(codes[static_cast<std::uint32_t>(ErrorCode::WEIGHTS)] > 5);
  CHECK(codes[static_cast<std::uint32_t>(ErrorCode::BUS)] > 0);
}

TEST_CASE("a descriptor at no multiple of 8, at 0 or at the end of all addresses is none") {
  for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{0x1004}, ~std::uint64_t{0} - 7}) {
    CHECK(in_platform([&] {
            DevicePlatform platform;
            eie::Device device("device", good_work().of.parameters);
            const std::uint64_t base = platform.add(device);
            std::string wrong;
            platform.program([&](device::Processor& processor) {
              const DeviceRegisters registers{processor, base};
              registers.start(address);
              wait_cycles(platform.wires, 20);
              wrong += registers.error() == ErrorCode::MAGIC ? "" : "no error\n";
              wrong += registers.read_long(Register::ERROR_LOW) == address ? "" : "error address\n";
              wrong += registers.read(Register::INTERRUPT_STATUS) == device::INTERRUPT_STATUS_ERROR
                           ? ""
                           : "interrupt\n";
            });
            return platform.simulate_all() + wrong;
          }) == "");
  }
}

}  // namespace
}  // namespace lacuna::test
