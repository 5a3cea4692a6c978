#include "sim/data/import/npy_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr std::size_t max_npy_header_bytes = npy_start_bytes - 12;
constexpr std::size_t max_rank = 32;

[[noreturn]] void fail_header(const std::string& path, const std::string& wrong, const std::string& allowed) {
  throw InputDataError({path, 0, "header"}, wrong, allowed);
}

/// Reads the Python dictionary literal that numpy writes, and nothing more of Python.
class DictionaryReader {
 public:
  DictionaryReader(const std::string& text, const std::string& path) : text_(text), path_(path) {}

  void read(NpyHeader& header) {
    expect('{');
    std::set<std::string> seen;
    while (!accept('}')) {
      const std::string key = quoted();
      if (!seen.insert(key).second) {
        fail_header(path_, "key '" + key + "' stands twice", "each key once");
      }
      expect(':');
      read_value(key, header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size() || seen.size() != 3) {
      fail_header(path_, "is not as numpy writes it", "the keys descr, fortran_order and shape");
    }
  }

 private:
  void read_value(const std::string& key, NpyHeader& header) {
    if (key == "descr") {
      if (accept('[')) {
        fail_header(path_, "holds records of several fields", "one array of numbers: array[field]");
      }
      read_type(quoted(), header);
    } else if (key == "fortran_order") {
      header.fortran_order = boolean();
    } else if (key == "shape") {
      header.shape = tuple();
    } else {
      fail_header(path_, "has the unknown key '" + cut(key, 32) + "'", "descr, fortran_order and shape");
    }
  }

  void read_type(const std::string& type, NpyHeader& header) const {
    static const std::set<std::string> known = {"f2", "f4", "f8", "i1", "i2", "i4",
                                                "i8", "u1", "u2", "u4", "u8", "b1"};
    static const std::string orders = "<>|=";
    const bool has_order = !type.empty() && orders.find(type.front()) != std::string::npos;
    const std::string item = has_order ? type.substr(1) : type;
    if (known.count(item) == 0 || (type.front() == '|' && item[1] != '1')) {
      fail_header(path_, "type '" + cut(type, 32) + "' is not supported" + meaning(item),
                  "numbers: b1, f2, f4, f8, i1 to i8, u1 to u8 (in Python: array.astype(numpy.float32))");
    }
    header.kind = item[0];
    header.item_bytes = static_cast<std::size_t>(item[1] - '0');
    header.big_endian = type.front() == '>';
  }

  /// What a type that is no plain number is; empty when it is nothing that NumPy has.
  static std::string meaning(const std::string& item) {
    switch (item.empty() ? '\0' : item.front()) {
      case 'c':
        return " (complex numbers)";
      case 'O':
        return " (Python objects)";
      case 'S':
      case 'U':
      case 'a':
        return " (texts)";
      case 'M':
      case 'm':
        return " (times)";
      case 'V':
        return " (raw bytes, as numpy.save writes bfloat16)";
      case 'f':
        return " (more than 64 bits)";
      default:
        return {};
    }
  }

  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) {
      ++position_;
    }
  }

  bool accept(char wanted) {
    skip_space();
    if (position_ < text_.size() && text_[position_] == wanted) {
      ++position_;
      return true;
    }
    return false;
  }

  void expect(char wanted) {
    if (!accept(wanted)) {
      fail_header(path_, "is not as numpy writes it",
                  std::string("'") + wanted + "' at byte " + std::to_string(position_));
    }
  }

  std::string quoted() {
    expect('\'');
    const std::size_t end = text_.find('\'', position_);
    if (end == std::string::npos) {
      fail_header(path_, "is not as numpy writes it", "a closing quote");
    }
    std::string found = text_.substr(position_, end - position_);
    position_ = end + 1;
    return found;
  }

  bool boolean() {
    skip_space();
    for (const bool value : {false, true}) {
      const std::string word = value ? "True" : "False";
      if (text_.compare(position_, word.size(), word) == 0) {
        position_ += word.size();
        return value;
      }
    }
    fail_header(path_, "fortran_order is neither True nor False", "True or False");
  }

  std::vector<std::uint64_t> tuple() {
    expect('(');
    std::vector<std::uint64_t> values;
    while (!accept(')')) {
      values.push_back(number());
      if (values.size() > max_rank) {
        fail_header(path_, "shape has too many dimensions", "at most " + std::to_string(max_rank));
      }
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::uint64_t number() {
    skip_space();
    std::uint64_t value = 0;
    const std::size_t start = position_;
    for (; position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; ++position_) {
      const auto digit = static_cast<std::uint64_t>(text_[position_] - '0');
      if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
        fail_header(path_, "shape has an absurd dimension", "dimensions that fit the file");
      }
      value = value * 10 + digit;
    }
    if (position_ != start && position_ < text_.size() && text_[position_] == 'L') {
      ++position_;  // Python 2's long integers
      return value;
    }
    if (position_ == start) {
      fail_header(path_, "shape holds something other than whole numbers", "whole numbers from 0");
    }
    return value;
  }

  const std::string& text_;
  const std::string& path_;
  std::size_t position_ = 0;
};

/// Header text, and the offset of the data behind it.
std::string header_text(const std::vector<unsigned char>& bytes, const std::string& path, NpyHeader& header) {
  static const std::vector<unsigned char> magic = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (bytes.size() < 10 || !std::equal(magic.begin(), magic.end(), bytes.begin())) {
    fail_header(path, "is not a .npy file", "a file that numpy.save wrote");
  }
  if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) {
    fail_header(path, "version " + std::to_string(bytes[6]) + "." + std::to_string(bytes[7]),
                "1.0, 2.0 or 3.0");
  }
  const std::size_t length_bytes = bytes[6] == 1 ? 2 : 4;
  const std::size_t start = 8 + length_bytes;
  const std::uint64_t length =
      bytes.size() < start ? max_npy_header_bytes + 1 : little_endian(&bytes[8], length_bytes);
  if (length > max_npy_header_bytes || length > bytes.size() - start) {
    fail_header(path, "is cut short or too long",
                "at most " + std::to_string(max_npy_header_bytes) + " bytes, within the file");
  }
  header.data_offset = start + length;
  return std::string(bytes.begin() + static_cast<std::ptrdiff_t>(start),
                     bytes.begin() + static_cast<std::ptrdiff_t>(header.data_offset));
}

void check_length(const NpyHeader& header, std::uint64_t file_bytes, const std::string& path) {
  const std::uint64_t there = file_bytes - header.data_offset;
  // A zero dimension excuses nothing: the others must be of a size that could be in memory.
  std::uint64_t wanted = header.item_bytes;
  for (const std::uint64_t dimension : header.shape) {
    if (dimension != 0 &&
        wanted > std::numeric_limits<std::uint32_t>::max() * std::uint64_t{4096} / dimension) {
      fail_header(path, "shape claims more than the file holds", std::to_string(there) + " bytes of data");
    }
    wanted *= std::max<std::uint64_t>(dimension, 1);
  }
  wanted = header.elements() * header.item_bytes;
  if (wanted != there) {
    fail_header(path, "shape and type need " + std::to_string(wanted) + " bytes of data",
                "the " + std::to_string(there) + " that follow the header");
  }
}

double real_at(const NpyHeader& header, const unsigned char* item) {
  switch (header.item_bytes) {
    case 2:
      return static_cast<double>(half_float(static_cast<std::uint16_t>(little_endian(item, 2))));
    case 4:
      return static_cast<double>(little_endian_float(item));
    default:
      return little_endian_double(item);
  }
}

std::int64_t integer_at(const NpyHeader& header, const unsigned char* item, const std::string& path) {
  const std::uint64_t bits = little_endian(item, header.item_bytes);
  if (header.kind == 'i') {
    const int unused = 64 - 8 * static_cast<int>(header.item_bytes);
    return static_cast<std::int64_t>(bits << unused) >> unused;
  }
  if (header.kind == 'b' && bits > 1) {
    throw InputDataError({path, 0, ""}, "holds a boolean that is neither 0 nor 1", "booleans of numpy");
  }
  if (bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InputDataError({path, 0, ""}, "holds an integer above 2^63 - 1", "smaller integers");
  }
  return static_cast<std::int64_t>(bits);
}

/// Steps through the elements of an array in C order, whatever order they are stored in.
class Walk {
 public:
  explicit Walk(const NpyHeader& header) : shape_(header.shape), index_(header.shape.size(), 0) {
    strides_.assign(shape_.size(), 1);
    if (header.fortran_order) {
      for (std::size_t d = 1; d < shape_.size(); ++d) {
        strides_[d] = strides_[d - 1] * shape_[d - 1];
      }
    } else {
      for (std::size_t d = shape_.size(); d-- > 1;) {
        strides_[d - 1] = strides_[d] * shape_[d];
      }
    }
  }

  std::uint64_t position() const { return position_; }
  void step() {
    for (std::size_t d = shape_.size(); d-- > 0;) {
      position_ += strides_[d];
      if (++index_[d] < shape_[d]) {
        return;
      }
      position_ -= strides_[d] * shape_[d];
      index_[d] = 0;
    }
  }

 private:
  std::vector<std::uint64_t> shape_;
  std::vector<std::uint64_t> strides_;
  std::vector<std::uint64_t> index_;
  std::uint64_t position_ = 0;
};

/// Calls take(item) for each element in C order, its bytes the least significant first.
template <class Take>
void for_each_item(const NpyHeader& header, const unsigned char* data, Take take) {
  if (!header.fortran_order && !header.big_endian) {  // as nearly all files are
    const unsigned char* const end = data + header.elements() * header.item_bytes;
    for (const unsigned char* item = data; item != end; item += header.item_bytes) {
      take(item);
    }
    return;
  }
  Walk walk(header);
  std::array<unsigned char, 8> turned{};
  const std::uint64_t elements = header.elements();
  for (std::uint64_t i = 0; i < elements; ++i, walk.step()) {
    const unsigned char* item = data + walk.position() * header.item_bytes;
    if (header.big_endian) {
      std::reverse_copy(item, item + header.item_bytes, turned.begin());
      item = turned.data();
    }
    take(item);
  }
}

}  // namespace

std::uint64_t NpyHeader::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t dimension : shape) {
    product *= dimension;
  }
  return product;
}

NpyHeader parse_npy_header(const std::vector<unsigned char>& start, std::uint64_t file_bytes,
                           const std::string& path) {
  NpyHeader header;
  const std::string text = header_text(start, path, header);
  DictionaryReader(text, path).read(header);
  check_length(header, file_bytes, path);
  return header;
}

NpyArray read_npy(const std::string& path) {
  return parse_npy(read_bytes_unpacked(path, max_npy_bytes), path);
}

NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& path) {
  const NpyHeader header = parse_npy_header(bytes, bytes.size(), path);
  NpyArray array;
  array.path = path;
  array.shape = header.shape;
  array.is_boolean = header.kind == 'b';
  const unsigned char* data = bytes.data() + header.data_offset;
  if (header.kind == 'f') {
    array.reals.reserve(header.elements());
    for_each_item(header, data,
                  [&](const unsigned char* item) { array.reals.push_back(real_at(header, item)); });
  } else {
    array.integers.reserve(header.elements());
    for_each_item(header, data, [&](const unsigned char* item) {
      array.integers.push_back(integer_at(header, item, path));
    });
  }
  return array;
}

}  // namespace lacuna
