// The interface between drivers and devices: declared once, the same in code, header and documentation.

#include <algorithm>
#include <iterator>
#include <set>

#include <catch2/catch.hpp>

#include "models/device/registers.h"
#include "tests/file_bytes.h"
#include "tests/models/device/families_abi.h"

extern "C" {
void lacuna_test_fill_job(unsigned char* to);
unsigned lacuna_test_register(int which);
}

namespace lacuna::test {
namespace {

const std::string source = LACUNA_SOURCE_DIR;

std::string text_of(const std::string& path) {
  const Bytes bytes = read_all(path);
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("the C header and the tables of the documentation are those of the declarations") {
  INFO("device_abi header > models/device/lacuna_device.h");
  CHECK(text_of(source + "/models/device/lacuna_device.h") == device::c_header(families_abi()));
  INFO("device_abi tables, into docs/reference/device.md");
  CHECK_THAT(text_of(source + "/docs/reference/device.md"),
             Catch::Contains(device::markdown_tables(families_abi())));
}

TEST_CASE("registers do not overlap, fields neither, and every field belongs to a register") {
  std::set<std::uint32_t> offsets;
  for (const device::RegisterInfo& info : device::register_info) {
    CHECK(info.offset % 4 == 0);
    CHECK(info.offset < device::own_registers);
    CHECK(offsets.insert(info.offset).second);
    std::uint32_t taken = 0;
    for (const device::FieldInfo& field : device::field_info) {
      if (std::string(field.register_name) == info.name) {
        const std::uint32_t mask = ((1U << field.bits) - 1U) << field.low;
        CHECK((taken & mask) == 0);
        taken |= mask;
      }
    }
  }
  for (const device::FieldInfo& field : device::field_info) {
    CHECK(std::any_of(std::begin(device::register_info), std::end(device::register_info),
                      [&](const auto& info) { return std::string(info.name) == field.register_name; }));
  }
  for (const device::FamilyAbi& family : families_abi()) {
    for (const device::OwnRegister& own : family.registers) {
      CHECK(own.offset % 4 == 0);
      CHECK(own.offset < device::register_bytes);
      CHECK(offsets.insert(own.offset + 0x1000 * family.number).second);
    }
  }
}

TEST_CASE("a C compiler lays out a descriptor as the device reads it") {
  std::vector<std::uint8_t> bytes(device::job_bytes, 0xFF);
  lacuna_test_fill_job(bytes.data());
  // By hand, from the table of docs/reference/device.md.
  CHECK(std::string(bytes.begin(), bytes.begin() + 4) == "LJOB");
  CHECK(bytes[4] == 1);
  CHECK(bytes[6] == 128);
  CHECK(bytes[8] == 1);
  CHECK(bytes[12] == 1);
  CHECK(bytes[16] == 0x88);
  CHECK(bytes[23] == 0x11);
  CHECK(bytes[40] == 7);
  CHECK(bytes[56] == 64);
  CHECK(bytes[60] == 10);
  CHECK(bytes[71] == 3);
  CHECK(bytes[104] == 0x08);
  CHECK(bytes[111] == 0x01);
  CHECK(bytes[127] == 0);
  device::JobHeader header;
  eie::JobFields fields;
  CHECK(device::get_fields(bytes, 0, header) == device::family_fields);
  CHECK(device::get_fields(bytes, device::family_fields, fields) == 112);
  CHECK(header.next == 0x1122334455667788);
  CHECK(fields.row_bytes == 0x0102030405060708);
  CHECK(device::job_descriptor(header, fields) == bytes);
  const std::vector<unsigned> seen = {lacuna_test_register(0), lacuna_test_register(1),
                                      lacuna_test_register(2), lacuna_test_register(3),
                                      lacuna_test_register(4), lacuna_test_register(5)};
  CHECK(seen == std::vector<unsigned>{0x10, 0x24, 0xFF00, 8, 0x100, 104});
}

TEST_CASE("the bytes of a small layer are those written down by hand") {
  eie::Parameters p;
  p.pe_count = 2;
  p.spmat_width_bits = 32;  // four entries of 8 bits
  eie::Layer layer;
  layer.matrix.rows = 40;
  layer.matrix.columns = 2;
  // Column 0: rows 0 (PE 0, its row 0) and 3 (PE 1, its row 1); column 1: row 38 (PE 0, its row 19: a padding
  // entry covers rows 0 to 15).
  layer.matrix.column_starts = {0, 2, 3};
  layer.matrix.row_indices = {0, 3, 38};
  layer.matrix.codes = {5, 6, 7};
  layer.codebook = {0, -1, 2, 300};
  layer.formats = {{16, 8}, {16, 8}, {16, 8}, {16, 8}};
  const eie::JobData data = eie::job_data(p, layer, eie::encode(layer.matrix, eie::image_geometry(p)));
  using Bytes = std::vector<std::uint8_t>;
  CHECK(data.codebook == Bytes{0, 0, 0xFF, 0xFF, 2, 0, 0x2C, 1});
  CHECK(data.pointers == Bytes{0, 0, 1, 0, 3, 0, 0, 0, 1, 0, 1, 0});
  CHECK(data.rows == Bytes{0x05, 0xF0, 0x37, 0, 0x16, 0, 0, 0});
  CHECK(eie::values_to_bytes({-2, 258}, 2) == Bytes{0xFE, 0xFF, 2, 1});
  CHECK(eie::values_from_bytes(data.codebook.data(), 4, 2) == layer.codebook);
}

TEST_CASE("entries and pointers whose bits are no whole bytes") {
  eie::Parameters p;
  p.pe_count = 1;
  p.spmat_width_bits = 35;  // five entries of 7 bits, in 5 bytes
  p.codebook_index_bits = 3;
  p.relative_index_bits = 4;
  p.pointer_width_bits = 12;
  eie::Layer layer;
  layer.matrix.rows = 8;
  layer.matrix.columns = 1;
  layer.matrix.column_starts = {0, 6};
  layer.matrix.row_indices = {0, 1, 2, 3, 5, 7};
  layer.matrix.codes = {1, 2, 3, 4, 5, 6};
  layer.codebook.assign(8, 0);
  const eie::JobData data = eie::job_data(p, layer, eie::encode(layer.matrix, eie::image_geometry(p)));
  // Entries: 1, 2, 3, 4, 5 | 1 << 3 = 13 in row 0; 6 | 1 << 3 = 14 in row 1. Entry 6 is row 1, slot 1: 1 << 3
  // | 1.
  const std::uint64_t row = 1 | 2U << 7U | 3U << 14U | 4U << 21U | std::uint64_t{13} << 28U;
  CHECK(device::get_number(data.rows.data(), 5) == row);
  CHECK(device::get_number(data.rows.data() + 5, 5) == 14);
  CHECK(data.pointers == std::vector<std::uint8_t>{0, 0, 9, 0});
}

}  // namespace
}  // namespace lacuna::test
