#include "models/device/abi_text.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include <fmt/format.h>

#include "models/device/registers.h"

namespace lacuna::device {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  return text;
}

const char* access_text(Access access) {
  switch (access) {
    case Access::read_only:
      return "read only";
    case Access::read_write:
      return "read, write";
    case Access::write_one_to_clear:
      return "read, 1 clears";
    case Access::command:
      return "command, reads 0";
  }
  return "";
}

std::string c_fields(const std::vector<FieldLine>& lines) {
  std::string text;
  for (const FieldLine& line : lines) {
    text += fmt::format("  uint{}_t {}; /* {} */\n", 8 * line.bytes, line.name, line.meaning);
  }
  return text;
}

std::size_t bytes_of(const std::vector<FieldLine>& lines) {
  std::size_t bytes = 0;
  for (const FieldLine& line : lines) {
    bytes += line.bytes;
  }
  return bytes;
}

std::string markdown_fields(const std::vector<FieldLine>& lines, std::size_t offset) {
  std::string text = "| byte | field | bytes | meaning |\n|---|---|---|---|\n";
  for (const FieldLine& line : lines) {
    text += fmt::format("| {} | `{}` | {} | {} |\n", offset, line.name, line.bytes, line.meaning);
    offset += line.bytes;
  }
  return text;
}

}  // namespace

std::string c_header(const std::vector<FamilyAbi>& families) {
  std::string text =
      "/* Registers and job descriptors of Lacuna's devices, for drivers in C and C++ (docs/device.md).\n"
      "   Made from the declarations in models/device by tests/models/device/device_abi.cpp. */\n"
      "/* clang-format off */\n"
      "#ifndef LACUNA_DEVICE_H\n#define LACUNA_DEVICE_H\n\n#include <stdint.h>\n\n"
      "/* Registers: offsets in bytes; 32 bits each, little-endian. */\n";
  for (const RegisterInfo& info : register_info) {
    text += fmt::format("#define LACUNA_REG_{} 0x{:03X} /* {}: {} */\n", info.name, info.offset,
                        access_text(info.access), info.meaning);
  }
  text += "\n/* Fields of registers, in place. */\n";
  for (const FieldInfo& info : field_info) {
    text += fmt::format("#define LACUNA_{}_{} 0x{:08X} /* {} */\n", info.register_name, info.name,
                        ((1U << info.bits) - 1U) << info.low, info.meaning);
  }
  text += fmt::format("#define LACUNA_STATUS_ERROR_SHIFT {}\n\n/* Error codes. */\n", status_error_shift);
  for (const ErrorInfo& info : error_info) {
    text += fmt::format("#define LACUNA_ERROR_{} {} /* {} */\n", info.name, info.code, info.meaning);
  }
  text += fmt::format(
      "\n/* Job descriptors: {} bytes at a multiple of 8, little-endian. */\n"
      "#define LACUNA_JOB_MAGIC 0x{:08X}\n#define LACUNA_JOB_VERSION {}\n#define LACUNA_JOB_BYTES {}\n"
      "#define LACUNA_JOB_FLAG_INTERRUPT {}\n\nstruct lacuna_job_header {{\n{}}};\n",
      job_bytes, job_magic, job_version, job_bytes, job_flag_interrupt, c_fields(JobHeader::lines()));
  for (const FamilyAbi& family : families) {
    const std::string name = upper(family.name);
    text += fmt::format("\n#define LACUNA_FAMILY_{} {}\n", name, family.number);
    for (const OwnRegister& own : family.registers) {
      text += fmt::format("#define LACUNA_REG_{}_{} 0x{:03X} /* {} */\n", name, own.name, own.offset,
                          own.meaning);
    }
    text += fmt::format(
        "\nstruct lacuna_{}_job {{\n  struct lacuna_job_header header;\n{}  uint8_t zeros[{}];\n}};\n",
        family.name, c_fields(family.job_fields), job_bytes - family_fields - bytes_of(family.job_fields));
    text += fmt::format(
        "typedef char lacuna_{}_job_has_its_size[sizeof(struct lacuna_{}_job) == LACUNA_JOB_BYTES ? 1 : "
        "-1];\n",
        family.name, family.name);
  }
  return text + "\n#endif\n";
}

std::string markdown_tables(const std::vector<FamilyAbi>& families) {
  std::string text =
      "### Registers\n\n| offset | register | access | after reset | meaning |\n|---|---|---|---|---|\n";
  for (const RegisterInfo& info : register_info) {
    text += fmt::format("| `0x{:03X}` | `{}` | {} | `0x{:X}` | {} |\n", info.offset, info.name,
                        access_text(info.access), info.reset, info.meaning);
  }
  text += "\n| register | bits | field | meaning |\n|---|---|---|---|\n";
  for (const FieldInfo& info : field_info) {
    const std::string bits = info.bits == 1 ? fmt::format("{}", info.low)
                                            : fmt::format("{}:{}", info.low + info.bits - 1, info.low);
    text += fmt::format("| `{}` | {} | `{}` | {} |\n", info.register_name, bits, info.name, info.meaning);
  }
  text += "\n### Error codes\n\n| code | name | meaning |\n|---|---|---|\n";
  for (const ErrorInfo& info : error_info) {
    text += fmt::format("| {} | `{}` | {} |\n", info.code, info.name, info.meaning);
  }
  text += "\n### Job descriptors\n\nThe fields of every job:\n\n";
  text += markdown_fields(JobHeader::lines(), 0);
  for (const FamilyAbi& family : families) {
    text += fmt::format("\nFamily {} (`{}`):\n\n", family.number, family.name);
    text += markdown_fields(family.job_fields, family_fields);
    const std::size_t end = family_fields + bytes_of(family.job_fields);
    text += fmt::format("| {} | | {} | 0 |\n", end, job_bytes - end);
    text += "\n| offset | register | meaning |\n|---|---|---|\n";
    for (const OwnRegister& own : family.registers) {
      text += fmt::format("| `0x{:03X}` | `{}` | {} |\n", own.offset, own.name, own.meaning);
    }
  }
  return text;
}

}  // namespace lacuna::device
