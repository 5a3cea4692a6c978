#include "sim/cli/manual.h"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/version.h"
#include "sim/cli/commands.h"

namespace lacuna::cli {
namespace {

/// Text in troff: no letter of it is a request or an escape, and hyphens can be copied.
std::string troff(const std::string& text) {
  std::string escaped;
  bool at_line_start = true;
  for (const char letter : text) {
    if (at_line_start && (letter == '.' || letter == '\'')) {
      escaped += "\\&";
    }
    if (letter == '\\') {
      escaped += "\\e";
    } else if (letter == '-') {
      escaped += "\\-";
    } else {
      escaped += letter;
    }
    at_line_start = letter == '\n';
  }
  return escaped;
}

/// Subcommands of a command, in the order of their declarations.
std::vector<const CLI::App*> commands_of(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

/// Options with names, and positionals.
std::vector<const CLI::Option*> options_of(const CLI::App& command, bool positional) {
  return command.get_options([positional](const CLI::Option* option) {
    return positional == !option->nonpositional() && !option->get_group().empty();
  });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) {
    names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    names.push_back("--" + name);
  }
  return names;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

void put_command(const CLI::App& command, const std::string& name, std::string& text) {
  std::string usage = name;
  if (!options_of(command, false).empty()) {
    usage += " [options]";
  }
  for (const CLI::Option* option : options_of(command, true)) {
    const std::string argument = option->get_name(true) + (option->get_items_expected_max() > 1 ? "..." : "");
    usage += option->get_required() ? " " + argument : " [" + argument + "]";
  }
  text +=
      fmt::format(".SS {}\n.B {}\n.PP\n{}.\n", troff(name), troff(usage), troff(command.get_description()));
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : options_of(command, positional)) {
      const std::vector<std::string> names = names_of(*option);
      const std::string shown =
          positional ? option->get_name(true) : fmt::format("{}", fmt::join(names, ", "));
      text += fmt::format(".TP\n.B {}", troff(shown));
      if (!positional && takes_value(*option)) {
        text += fmt::format(" \\fI{}\\fR", troff(option->get_type_name()));
      }
      text += fmt::format("\n{}\n", troff(option->get_description()));
    }
  }
  if (const std::string footer = command.get_footer(); !footer.empty()) {
    text += fmt::format(".PP\n.nf\n{}\n.fi\n", troff(footer));
  }
  for (const CLI::App* each : commands_of(command)) {
    put_command(*each, name + " " + each->get_name(), text);
  }
}

/// The words of a validator that lists them, as "TEXT:{csv,json}".
std::vector<std::string> listed_words(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  std::vector<std::string> words;
  if (open != std::string::npos && close != std::string::npos) {
    std::istringstream list(type.substr(open + 1, close - open - 1));
    for (std::string word; std::getline(list, word, ',');) {
      words.push_back(word);
    }
  }
  return words;
}

/// A branch of the completion's `case` for each command: what may follow.
void put_branches(const CLI::App& command, const std::string& path, std::string& text) {
  std::vector<std::string> words;
  for (const CLI::App* each : commands_of(command)) {
    words.push_back(each->get_name());
  }
  std::string values;
  for (const CLI::Option* option : options_of(command, false)) {
    const std::vector<std::string> names = names_of(*option);
    words.insert(words.end(), names.begin(), names.end());
    if (takes_value(*option)) {
      const std::vector<std::string> listed = listed_words(*option);
      values += listed.empty() ? fmt::format("        {}) files=1 ;;\n", fmt::join(names, "|"))
                               : fmt::format("        {}) words='{}' ;;\n", fmt::join(names, "|"),
                                             fmt::join(listed, " "));
    }
  }
  for (const CLI::Option* option : options_of(command, true)) {
    const std::vector<std::string> listed = listed_words(*option);
    words.insert(words.end(), listed.begin(), listed.end());
  }
  text += fmt::format("    '{}')\n      words='{}'\n", path, fmt::join(words, " "));
  if (!values.empty()) {
    text += fmt::format("      case \"$before\" in\n{}      esac\n", values);
  }
  text += "      ;;\n";
  for (const CLI::App* each : commands_of(command)) {
    put_branches(*each, path.empty() ? each->get_name() : path + " " + each->get_name(), text);
  }
}

void put_paths(const CLI::App& command, const std::string& path, std::vector<std::string>& paths) {
  for (const CLI::App* each : commands_of(command)) {
    paths.push_back("'" + path + each->get_name() + "'");
    put_paths(*each, path + each->get_name() + " ", paths);
  }
}

}  // namespace

std::string manual_page(const CLI::App& program, const std::string& version) {
  const std::string& name = program.get_name();
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  std::string text = fmt::format(
      ".TH {} 1 \"\" \"{} {}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n.I command\n[\\fIoptions\\fR]\n"
      ".SH DESCRIPTION\n{}.\nConfigurations are YAML files; those that are installed lie in\n.I "
      "/usr/share/{}/configs\nwhen the program lies in\n.IR /usr/bin .\n.SH COMMANDS\n",
      troff(upper), troff(name), troff(version), troff(name), troff(program.get_description()), troff(name),
      troff(program.get_description()), troff(name));
  for (const CLI::App* command : commands_of(program)) {
    put_command(*command, name + " " + command->get_name(), text);
  }
  text +=
      ".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\na comparison, a check or a point of a sweep failed\n"
      ".TP\n.B 2\nusage or configuration\n.TP\n.B 3\ninput data\n.TP\n.B 130\ninterrupted\n";
  return text;
}

std::string bash_completion(const CLI::App& program) {
  const std::string& name = program.get_name();
  std::vector<std::string> paths;
  put_paths(program, "", paths);
  std::string branches;
  put_branches(program, "", branches);
  return fmt::format(R"(# Completion of {0} for bash, made from its commands.
_{0}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local path='' next each words='' files='' i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    next="${{path:+$path }}${{COMP_WORDS[i]}}"
    for each in {1}; do
      if [[ $each == "$next" ]]; then
        path=$next
      fi
    done
  done
  case "$path" in
{2}  esac
  COMPREPLY=()
  if [[ -z $files ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
  if [[ ${{#COMPREPLY[@]}} -eq 0 || ( -n $path && $word != -* ) ]]; then
    compopt -o filenames 2> /dev/null
    mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$word")
  fi
}}
complete -F _{0} {0}
)",
                     name, fmt::join(paths, " "), branches);
}

void add_manual(CLI::App& app) {
  auto what = std::make_shared<std::string>("man");
  CLI::App* const command = app.add_subcommand("manual", "Print the manual page, or the completion for bash");
  command->add_option("WHAT", *what, "man (default): the manual page; bash: the completion")
      ->check(CLI::IsMember({"man", "bash"}));
  command->footer(
      "Example:\n"
      "  lacuna manual | man -l -\n"
      "  lacuna manual bash > ~/.local/share/bash-completion/completions/lacuna");
  command->callback([what, &app] {
    std::cout << (*what == "man" ? manual_page(app, program_version()) : bash_completion(app)) << std::flush;
  });
}

}  // namespace lacuna::cli
