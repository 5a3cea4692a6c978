#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// What the normalisation of query images is computed from.
enum class MomentSource : std::uint8_t {
  support,  ///< the task's support images
  blended,  ///< these and running moments of all tasks, in shares that are learned
  query     ///< the query images themselves, all of a task together: not a network for one image
};

/// What the inner steps change.
enum class AdaptedPart : std::uint8_t {
  all,  ///< all kernels and the last layer: MAML
  head  ///< the last layer alone: ANIL (Raghu et al., ICLR 2020)
};

/// Copies of a training character that count as characters of their own.
enum class Symmetries : std::uint8_t {
  none,
  rotations,  ///< by 0, 90, 180, 270 degrees
  dihedral    ///< these, and each mirrored
};

/// One element of `convolutions`: convolution, normalisation, rectifier.
struct ConvolutionConfig {
  std::uint32_t channels = 32;
  std::uint32_t kernel = 3;
  std::uint32_t stride = 2;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("channels", c.channels, 1, 1024, "output channels");
    v.integer("kernel", c.kernel, 1, 15, "height and width of the kernel, odd; padded to its half");
    v.integer("stride", c.stride, 1, 8, "step of the kernel");
    v.required({"channels"});
  }
};

/// What tasks are for.
enum class TaskPart : std::uint8_t { training, validation, test };

/// One element of `alphabets`.
struct AlphabetConfig {
  std::string name;
  TaskPart use = TaskPart::training;
  ErrorPlace place;  ///< of the element

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "as in the file of classes");
    v.choice("use", c.use, {"training", "validation", "test"},
             "to learn from; to choose among the epochs; or to be measured on and decide nothing");
    v.required({"name", "use"});
  }
};

/// `characters:`, images of characters, and which alphabets are for what.
struct CharactersConfig {
  FilePath images;
  FilePath labels;
  FilePath classes;
  std::vector<AlphabetConfig> alphabets;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("images", c.images, "IDX file of images, plain or gzip; 255 is ink");
    v.file("labels", c.labels, "IDX file with the class of each image");
    v.file("classes", c.classes, "CSV file with the columns class and alphabet");
    v.list("alphabets", c.alphabets, "those that are used, each for one purpose");
    v.required({"images", "labels", "classes", "alphabets"});
  }
};

/// `tasks:`, what a task is.
struct TasksConfig {
  std::uint32_t ways = 5;
  std::uint32_t shots = 1;
  std::uint32_t queries = 5;
  std::uint32_t test_queries = 15;
  bool one_alphabet = true;
  Symmetries symmetries = Symmetries::rotations;
  std::uint32_t shift = 0;
  double warp = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("ways", c.ways, 2, 256, "classes of a task");
    v.integer("shots", c.shots, 1, 256, "support images of each class, to adapt to");
    v.integer("queries", c.queries, 1, 256, "other images of each class in training, to be judged by");
    v.integer("test_queries", c.test_queries, 1, 256, "the same in validation and test");
    v.boolean("one_alphabet", c.one_alphabet, "the characters of a training task are of one alphabet");
    v.choice("symmetries", c.symmetries, {"none", "rotations", "dihedral"},
             "training alone: turned and mirrored characters are characters too");
    v.integer("shift", c.shift, 0, 64, "training alone: images are moved by up to so many pixels");
    v.real("warp", c.warp, 0.0, 0.5,
           "training alone: each image is seen through a matrix whose entries differ from those of the "
           "identity by up to this, at random");
  }
};

/// `few_shot:`, MAML++ (Antoniou et al., ICLR 2019): weights from which few steps on few images lead to a
/// network for a task that was never seen.
struct FewShotConfig {
  CharactersConfig characters;
  TasksConfig tasks;
  std::vector<ConvolutionConfig> convolutions;  ///< of a supernet: those of its largest network
  bool supernet = false;
  std::uint32_t steps = 5;
  double rate = 0.1;
  bool learn_rates = true;
  AdaptedPart adapts = AdaptedPart::all;
  MomentSource moments = MomentSource::support;
  bool moments_per_step = true;
  std::uint32_t first_order_epochs = 0;
  std::uint32_t multi_step_epochs = 0;
  std::uint32_t epochs = 1;
  std::uint32_t iterations = 100;
  std::uint32_t tasks_per_iteration = 8;
  double meta_rate = 0.001;
  double last_meta_rate = 0.00001;
  std::uint32_t validation_tasks = 200;
  std::uint32_t test_tasks = 600;
  std::uint32_t written_tasks = 1;
  std::uint64_t seed = 1;
  std::uint32_t threads = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("characters", c.characters, "images, and the alphabets for training, validation and test");
    v.section("tasks", c.tasks, "what a task is");
    v.list("convolutions", c.convolutions,
           "layers before the fully connected one, each with normalisation and rectifier");
    v.boolean("supernet", c.supernet,
              "in place of convolutions: the weights of all networks of a search space, which they share");
    v.integer("steps", c.steps, 1, 32, "inner steps: gradient descent on the support images");
    v.real("rate", c.rate, 1e-6, 10.0, "rate of the inner steps, at the beginning where it is learned");
    v.boolean("learn_rates", c.learn_rates, "each layer and step learns a rate of its own");
    v.choice("adapts", c.adapts, {"all", "head"},
             "what inner steps change: all layers (MAML), or the last (ANIL)");
    v.choice("moments", c.moments, {"support", "blended", "query"},
             "what normalises query images: moments of the task's support images; a learned blend of these "
             "and running ones; or of all its query images together, which no network for one image can do");
    v.boolean("moments_per_step", c.moments_per_step,
              "scale, offset, blend and running moments of normalisations are each step's own");
    v.integer("first_order_epochs", c.first_order_epochs, 0, 1000000,
              "epochs that leave out derivatives of the inner gradients; as many as epochs: first order");
    v.integer("multi_step_epochs", c.multi_step_epochs, 0, 1000000,
              "epochs in which the loss after each step counts, ever less but for the last; 0: the last "
              "alone");
    v.integer("epochs", c.epochs, 1, 1000000, "of so many iterations, each followed by validation");
    v.integer("iterations", c.iterations, 1, 1000000, "steps of the outer loop in an epoch");
    v.integer("tasks_per_iteration", c.tasks_per_iteration, 1, 1024, "tasks that a step is the mean of");
    v.real("meta_rate", c.meta_rate, 1e-9, 1.0, "rate of the outer loop (Adam) at the beginning");
    v.real("last_meta_rate", c.last_meta_rate, 0.0, 1.0, "at the end; between them a half cosine");
    v.integer("validation_tasks", c.validation_tasks, 1, 100000, "tasks measured after each epoch");
    v.integer("test_tasks", c.test_tasks, 2, 100000, "tasks measured at the end");
    v.integer("written_tasks", c.written_tasks, 1, 1000,
              "of the first so many test tasks the adapted networks are written");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of the weights at the beginning and of the tasks");
    v.integer("threads", c.threads, 1, 256,
              "threads of the linear algebra; another number gives other weights");
    v.required({"characters"});
  }
};

struct FewShotFile {
  FewShotConfig few_shot;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("few_shot", c.few_shot, "how weights that adapt to new tasks are trained");
    v.required({"few_shot"});
  }
};

/// Whether a document is such a recipe.
bool is_few_shot(const YamlNode& document);

/// Reads and checks a recipe: fields, alphabets that serve one purpose, files that must exist. Throws
/// ConfigurationError, and InputDataError for a missing file.
FewShotConfig load_few_shot(const YamlNode& document);

}  // namespace lacuna
