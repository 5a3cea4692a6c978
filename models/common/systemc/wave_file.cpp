#include "models/common/systemc/wave_file.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

const std::string kernel_suffix = ".vcd";  // which the SystemC kernel appends to the name it is given

}  // namespace

std::string unfinished_wave_path(const std::string& wave_path) {
  return wave_path + ".part" + std::to_string(::getpid()) + kernel_suffix;
}

std::string wave_view_path(const std::string& wave_path) {
  return std::filesystem::path(wave_path).replace_extension(".gtkw").string();
}

namespace {

/// GTKWave's list of signals, made from the declarations of a VCD file: a group for each module. Flags as
/// GTKWave writes them: 28 is one bit, 24 decimal, 800200 and 1000200 the begin and end of a group.
class WaveView {
 public:
  void read(const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    std::string word;
    words >> kind >> word;
    if (kind == "$scope") {
      words >> word;
      open_.push_back(word);
      is_listed_.push_back(false);
    } else if (kind == "$upscope" && !open_.empty()) {
      if (is_listed_.back()) {
        text_ += fmt::format("@1000200\n-{}\n", open_.back());
      }
      open_.pop_back();
      is_listed_.pop_back();
    } else if (kind == "$var" && signals_ < most_signals) {
      read_signal(words);
    }
  }

  std::string text(const std::string& wave_path) const {
    return fmt::format(
        "[*] Signals of a machine of Lacuna\n[dumpfile] \"{}\"\n[timestart] 0\n[sst_expanded] 1\n{}",
        std::filesystem::path(wave_path).filename().string(), text_);
  }

 private:
  static constexpr std::size_t most_signals =
      2000;  // more than anyone looks at; GTKWave has the rest in its tree

  void read_signal(std::istringstream& words) {
    int width = 0;
    std::string id;
    std::string name;
    std::string range;
    words >> width >> id >> name >> range;
    if (!words && name.empty()) {
      return;
    }
    std::string path;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      path += open_[i] + ".";
      if (!is_listed_[i]) {
        text_ += fmt::format("@800200\n-{}\n", open_[i]);
        is_listed_[i] = true;
      }
    }
    text_ += fmt::format("@{}\n{}{}{}\n", width == 1 ? "28" : "24", path, name, range == "$end" ? "" : range);
    ++signals_;
  }

  std::vector<std::string> open_;
  std::vector<bool> is_listed_;  ///< whether the group of a module has begun
  std::string text_;
  std::size_t signals_ = 0;
};

bool write_view(const WaveView& view, const std::string& wave_path) {
  const std::string path = wave_view_path(wave_path);
  if (path == wave_path || std::filesystem::exists(path)) {
    return true;
  }
  const std::string unfinished = path + ".part" + std::to_string(::getpid());
  std::ofstream file(unfinished);
  file << view.text(wave_path);
  file.close();
  if (!file.good() || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    std::remove(unfinished.c_str());
    return false;
  }
  return true;
}

/// Copies a VCD file but for the text between $date and $end, and shows its declarations to `view`.
bool copy_without_date(const std::string& from, const std::string& to, WaveView& view) {
  std::ifstream in(from);
  std::ofstream out(to);
  std::string line;
  bool in_date = false;
  bool in_header = true;
  while (std::getline(in, line)) {
    if (in_header) {
      in_header = line.rfind("$enddefinitions", 0) != 0;
      view.read(line);
    }
    in_date = in_date || line.rfind("$date", 0) == 0;
    if (!in_date) {
      out << line << '\n';
    } else if (line.find("$end") != std::string::npos) {
      in_date = false;
    }
  }
  out.close();
  return in.eof() && out.good();
}

/// The kernel does not say when its writes fail. Where there is no room, one more byte fails, too.
bool has_room_for_more(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.put('\n');
  file.close();
  std::filesystem::resize_file(path, size, error);
  return file.good() && !error;
}

}  // namespace

/// A trace file that hands on what has a name that matches.
class WaveFile::Selection : public sc_core::sc_trace_file {
 public:
  Selection(sc_core::sc_trace_file& file, std::string pattern) : file_(file), pattern_(std::move(pattern)) {}
  ~Selection() override = default;

  bool matched_any() const { return matched_ > 0; }
  const std::string& pattern() const { return pattern_; }
  /// A name that did not match.
  const std::string& example() const { return example_; }

#define LACUNA_TRACE(type)                                           \
  void trace(const type& object, const std::string& name) override { \
    if (matches(name)) {                                             \
      sc_core::sc_trace(&file_, object, name);                       \
    }                                                                \
  }
#define LACUNA_TRACE_WIDTH(type)                                                \
  void trace(const type& object, const std::string& name, int width) override { \
    if (matches(name)) {                                                        \
      sc_core::sc_trace(&file_, object, name, width);                           \
    }                                                                           \
  }
  LACUNA_TRACE(sc_core::sc_event)
  LACUNA_TRACE(sc_core::sc_time)
  LACUNA_TRACE(bool)
  LACUNA_TRACE(float)
  LACUNA_TRACE(double)
  LACUNA_TRACE(sc_dt::sc_bit)
  LACUNA_TRACE(sc_dt::sc_logic)
  LACUNA_TRACE(sc_dt::sc_int_base)
  LACUNA_TRACE(sc_dt::sc_uint_base)
  LACUNA_TRACE(sc_dt::sc_signed)
  LACUNA_TRACE(sc_dt::sc_unsigned)
  LACUNA_TRACE(sc_dt::sc_fxval)
  LACUNA_TRACE(sc_dt::sc_fxval_fast)
  LACUNA_TRACE(sc_dt::sc_fxnum)
  LACUNA_TRACE(sc_dt::sc_fxnum_fast)
  LACUNA_TRACE(sc_dt::sc_bv_base)
  LACUNA_TRACE(sc_dt::sc_lv_base)
  LACUNA_TRACE_WIDTH(unsigned char)
  LACUNA_TRACE_WIDTH(unsigned short)
  LACUNA_TRACE_WIDTH(unsigned int)
  LACUNA_TRACE_WIDTH(unsigned long)
  LACUNA_TRACE_WIDTH(char)
  LACUNA_TRACE_WIDTH(short)
  LACUNA_TRACE_WIDTH(int)
  LACUNA_TRACE_WIDTH(long)
  LACUNA_TRACE_WIDTH(sc_dt::int64)
  LACUNA_TRACE_WIDTH(sc_dt::uint64)
#undef LACUNA_TRACE
#undef LACUNA_TRACE_WIDTH
  void trace(const unsigned int& object, const std::string& name, const char** literals) override {
    if (matches(name)) {
      sc_core::sc_trace(&file_, object, name, literals);
    }
  }
  void write_comment(const std::string& comment) override {
    file_.write_comment(comment);
  }
  void set_time_unit(double value, sc_core::sc_time_unit unit) override {
    file_.set_time_unit(value, unit);
  }

 protected:
  void cycle(bool /*delta_cycle*/) override {}  // the kernel knows the file itself

 private:
  bool matches(const std::string& name) {
    const bool matched = ::fnmatch(pattern_.c_str(), name.c_str(), 0) == 0;
    matched_ += matched ? 1 : 0;
    example_ = matched ? example_ : name;
    return matched;
  }

  sc_core::sc_trace_file& file_;
  const std::string pattern_;
  std::uint64_t matched_ = 0;
  std::string example_;
};

WaveFile::WaveFile(const std::string& path, const std::string& only)
    : path_(path), raw_path_(unfinished_wave_path(path)) {
  if (!std::ofstream(raw_path_).good()) {
    throw ConfigurationError({path, 0, {}}, "cannot create the wave file", "a file in a writable folder");
  }
  const std::string stem = raw_path_.substr(0, raw_path_.size() - kernel_suffix.size());
  handle_ = sc_core::sc_create_vcd_trace_file(stem.c_str());
  handle_->set_time_unit(1, sc_core::SC_PS);
  if (!only.empty()) {
    selection_ = std::make_unique<Selection>(*handle_, only);
  }
}

sc_core::sc_trace_file* WaveFile::handle() const {
  return selection_ ? selection_.get() : handle_;
}

void WaveFile::check_selection() const {
  if (selection_ && !selection_->matched_any()) {
    throw ConfigurationError({{}, 0, "--wave-only"},
                             "no signal has a name that matches '" + selection_->pattern() + "'",
                             "a pattern of whole names such as " + selection_->example());
  }
}

WaveFile::~WaveFile() {
  if (handle_ != nullptr) {
    sc_core::sc_close_vcd_trace_file(handle_);
    std::remove(raw_path_.c_str());
  }
}

void WaveFile::finish() {
  sc_core::sc_close_vcd_trace_file(handle_);
  handle_ = nullptr;
  const std::string complete = raw_path_ + ".tmp";
  WaveView view;
  const bool written = has_room_for_more(raw_path_) && copy_without_date(raw_path_, complete, view);
  std::remove(raw_path_.c_str());
  if (!written || !write_view(view, path_) || std::rename(complete.c_str(), path_.c_str()) != 0) {
    std::remove(complete.c_str());
    throw InputDataError({path_, 0, {}}, "cannot write the wave file", "a writable folder with room for it");
  }
}

}  // namespace lacuna
