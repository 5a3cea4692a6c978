"""The Python package against the program and NumPy: `test_package.py LACUNA SOURCE`; skipped (77) where NumPy or pandas is missing."""

import json
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import numpy
    import pandas
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

import lacuna

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
MAIN = SOURCE / "configs" / "main.yaml"
MACHINE = lacuna.preset("eie-64pe-45nm")


def program_json(*arguments):
    return subprocess.run([PROGRAM, "run", *arguments, "--json", "-"], check=True, capture_output=True, text=True).stdout


def random_layer(generator, shape, density):
    weights = generator.choice([-0.5, -0.25, 0.25, 0.5, 0.75], size=shape)
    return numpy.where(generator.random(shape) < density, weights, 0.0)


class Runs(unittest.TestCase):
    def test_same_bytes_as_the_program(self):
        for engine in ("timeline", "systemc"):
            with self.subTest(engine=engine):
                self.assertEqual(lacuna.run(MAIN, engine=engine).to_json(), program_json(str(MAIN), "--engine", engine))

    def test_changes_are_those_of_the_command_line(self):
        ours = lacuna.run(MAIN, engine="timeline", set={"architecture.pe_count": 128}, energy="bottom-up-45nm")
        theirs = program_json(
            str(MAIN), "--engine", "timeline", "--set", "architecture.pe_count=128", "--energy", "bottom-up-45nm"
        )
        self.assertEqual(ours.to_json(), theirs)

    def test_dict_object_and_file_are_one(self):
        generated = {"rows": 64, "columns": 128, "weight_density": 0.2, "activation_density": 0.5}
        as_dict = {
            "architecture": {"kind": "eie", "pe_count": 4},
            "workload": {"layers": [{"generate": generated}]},
            "engine": "timeline",
        }
        eie = lacuna.eie
        as_object = eie.RunFile(
            architecture=eie.Architecture(kind="eie", pe_count=4),
            workload=eie.Workload(layers=[eie.Layer(generate=eie.Generate(**generated))]),
            engine="timeline",
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.yaml")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(as_dict, file)
            theirs = lacuna.run(path).to_json()
        self.assertEqual(lacuna.run(as_dict).to_json(), theirs)
        self.assertEqual(lacuna.run(as_object).to_json(), theirs)

    def test_outputs_of_arrays_are_the_matrix_product(self):
        generator = numpy.random.default_rng(7)
        weights = random_layer(generator, (40, 60), 0.3)
        bias = generator.choice([-0.5, 0.25, 0.5], size=40)
        inputs = generator.integers(-8, 8, size=(3, 60)) / 16.0  # exact in the machine's formats, as the weights are
        for relu in (False, True):
            exact = inputs @ weights.T + bias
            expected = numpy.maximum(exact, 0.0) if relu else exact
            layer = lacuna.Layer(weights, inputs, bias=bias, relu=relu, name="fc")
            result = lacuna.run(MACHINE, layers=[layer], engine="timeline", outputs="last", reference=True)
            unit = 2.0 ** result._values[0]["unit_exponent"]
            numpy.testing.assert_allclose(result.outputs["fc"], expected, rtol=0, atol=unit)
            numpy.testing.assert_allclose(result.reference["fc"], expected, rtol=0, atol=1e-12)

    def test_sparse_and_dense_are_one(self):
        try:
            import scipy.sparse
        except ImportError:
            self.skipTest("no SciPy")
        generator = numpy.random.default_rng(8)
        weights = random_layer(generator, (50, 30), 0.2)
        inputs = generator.random((2, 30))
        dense = lacuna.run(MACHINE, layers=[lacuna.Layer(weights, inputs, relu=True)], engine="timeline", outputs="last")
        for form in ("csr", "csc", "coo", "bsr"):
            sparse = lacuna.Layer(scipy.sparse.csr_matrix(weights).asformat(form), inputs, relu=True)
            other = lacuna.run(MACHINE, layers=[sparse], engine="timeline", outputs="last")
            numpy.testing.assert_array_equal(other.raw["layer"], dense.raw["layer"])
            self.assertEqual(other.totals["cycles"], dense.totals["cycles"])

    def test_tables(self):
        result = lacuna.run(MAIN, engine="timeline", intervals=1000)
        self.assertIsInstance(result.layers, pandas.DataFrame)
        self.assertEqual(result.layers["cycles"].sum(), result.totals["cycles"])
        self.assertEqual(result.intervals["cycles"].sum(), result.totals["cycles"])

    def test_arrays_of_pes_and_units(self):
        result = lacuna.run(MAIN, engine="timeline", intervals=1000)
        for layer in result.layers.itertuples():
            classes = {name: cycles for name, cycles in result.pes[layer.name].items() if name not in ("entries", "energy_pj")}
            numpy.testing.assert_array_equal(sum(classes.values()), numpy.full(64, layer.cycles))
            self.assertEqual(classes["busy"].sum(), layer.busy_cycles)
        self.assertEqual(result.busy_of_each.shape, (len(result.intervals), 64))
        numpy.testing.assert_array_equal(result.busy_of_each.sum(axis=0), sum(each["busy"] for each in result.pes.values()))
        pipeline = lacuna.run(SOURCE / "configs" / "tomato" / "residual.yaml", engine="timeline")
        self.assertEqual(pipeline.pes, {})
        classes = pipeline.units.filter(like="cycle_classes.")
        self.assertEqual(set(classes.sum(axis=1)), {pipeline.totals["cycles"]})

    def test_results_and_sections_travel(self):
        result = lacuna.run(MAIN, engine="timeline")
        self.assertEqual(pickle.loads(pickle.dumps(result)).to_json(), result.to_json())

    def test_processes(self):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            cycles = pool.map(cycles_of, [64, 128, 256])
        self.assertEqual(cycles, [cycles_of(count) for count in (64, 128, 256)])

    def test_other_threads_go_on(self):
        ticks = []
        stop = threading.Event()

        def tick():
            while not stop.is_set():
                ticks.append(1)
                time.sleep(0.001)

        ticker = threading.Thread(target=tick)
        ticker.start()
        before = len(ticks)
        lacuna.run(MAIN, engine="timeline", outputs="all")
        during = len(ticks) - before
        stop.set()
        ticker.join()
        self.assertGreater(during, 1)


def cycles_of(pe_count):
    return lacuna.run(MAIN, engine="timeline", set={"architecture.pe_count": pe_count}).totals["cycles"]


class Errors(unittest.TestCase):
    def test_sections_are_checked_by_the_reader(self):
        with self.assertRaisesRegex(lacuna.ConfigurationError, r"architecture\.pe_cuont.*did you mean 'pe_count'"):
            lacuna.eie.Architecture(pe_cuont=4, kind="eie")
        with self.assertRaisesRegex(lacuna.ConfigurationError, r"architecture\.pe_count.*1 to 1024"):
            lacuna.eie.Architecture(kind="eie", pe_count=0)
        machine = lacuna.eie.Architecture(kind="eie", pe_count=4)
        with self.assertRaises(lacuna.ConfigurationError):
            machine.pe_count = "many"
        self.assertEqual(machine.pe_count, 4)
        self.assertEqual(machine.queue_depth_entries, 8)
        self.assertEqual(machine.replace(pe_count=8).to_dict(), {"kind": "eie", "pe_count": 8})

    def test_messages_are_those_of_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("architecture: {kind: eie, pe_count: 2000}\nworkload: {layers: [{benchmark: Alex-6}]}\n")
            program = subprocess.run([PROGRAM, "run", path], capture_output=True, text=True, check=False)
            self.assertEqual(program.returncode, 2)
            with self.assertRaises(lacuna.ConfigurationError) as caught:
                lacuna.run(path)
        self.assertEqual(program.stderr.strip(), f"error: {caught.exception}")

    def test_missing_files(self):
        with self.assertRaises(lacuna.Error):
            lacuna.run("nowhere.yaml")
        with self.assertRaises(lacuna.InputDataError):
            lacuna.run(MACHINE, layers=[{"trace": "nowhere.h5"}], engine="timeline")
        with self.assertRaisesRegex(lacuna.ConfigurationError, "eie-64pe-45nm"):
            lacuna.preset("eie-65pe")

    def test_errors_of_the_child(self):
        with self.assertRaises(lacuna.CapacityError):
            lacuna.run(
                {
                    "architecture": {"kind": "eie", "pe_count": 1, "spmat_capacity_bytes": 64},
                    "workload": {"layers": [{"benchmark": "Alex-8"}]},
                    "engine": "systemc",
                }
            )

    def test_shapes_and_values(self):
        weights = numpy.eye(4)
        for wrong in (
            {"activations": numpy.ones((1, 3))},
            {"activations": numpy.full((1, 4), numpy.nan)},
            {"activations": numpy.ones((1, 4)), "bias": numpy.ones(3)},
            {"activations": numpy.ones((1, 4)), "labels": [1, 2]},
        ):
            with self.assertRaises(lacuna.InputDataError):
                lacuna.Layer(weights, relu=True, **wrong)
        with self.assertRaises(lacuna.InputDataError):
            lacuna.Layer(numpy.ones(4), numpy.ones((1, 4)), relu=True)
        with self.assertRaises(TypeError):
            lacuna.Layer(weights, numpy.ones((1, 4)))
        with self.assertRaises(lacuna.ConfigurationError):
            lacuna.Layer(weights, numpy.ones((1, 4)), relu=True, codebook_bits=9)

    def test_what_is_no_configuration(self):
        endless = []
        endless.append(endless)
        for wrong in ({"architecture": object()}, {1: 2}, {"architecture": endless}):
            with self.assertRaises(lacuna.ConfigurationError):
                lacuna.run(wrong)


class Sweeps(unittest.TestCase):
    sweep = {
        "architecture": {"kind": "eie"},
        "workload": {"layers": [{"generate": {"rows": 64, "columns": 64, "weight_density": 0.2, "activation_density": 0.5}}]},
        "axes": [{"key": "architecture.pe_count", "values": [1, 2, 4]}, {"key": "architecture.queue_depth_entries", "values": [1, 8]}],
        "objectives": [{"metric": "cycles"}],
    }

    def test_points_are_single_runs(self):
        seen = []
        table = lacuna.sweep(self.sweep, jobs=2, progress=lambda doing, done, total: seen.append((done, total)))
        self.assertEqual(len(table), 6)
        self.assertEqual(table.attrs["axes"], ["architecture.pe_count", "architecture.queue_depth_entries"])
        for _, row in table.iterrows():
            changes = {key: int(row[key]) for key in table.attrs["axes"]}
            alone = {key: self.sweep[key] for key in ("architecture", "workload")}
            self.assertEqual(lacuna.run(alone, engine="timeline", set=changes).totals["cycles"], row["cycles"])
        self.assertEqual(table.loc[table["front"], "cycles"].min(), table["cycles"].min())

    def test_an_interrupted_sweep_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:

            def interrupt(doing, done, total):
                os.kill(os.getpid(), signal.SIGINT)

            out = os.path.join(folder, "out")
            with self.assertRaises(KeyboardInterrupt):
                lacuna.sweep(self.sweep, out=out, progress=interrupt)
                time.sleep(1)
            again = lacuna.sweep(self.sweep, out=out, progress=False)
        pandas.testing.assert_frame_equal(again, lacuna.sweep(self.sweep, progress=False))


class Models(unittest.TestCase):
    def test_compress(self):
        with tempfile.TemporaryDirectory() as folder:
            weights = os.path.join(folder, "weights.npy")
            numpy.save(weights, numpy.random.default_rng(3).normal(size=(32, 48)).astype(numpy.float32))
            recipe = lacuna.files.Compression(model=weights, prune={"density": 0.25})
            report = lacuna.compress({"compression": recipe}, container=os.path.join(folder, "weights.lcn"))
            self.assertEqual(report["layers"][0]["storage"]["nonzeros"], 32 * 48 // 4)
            self.assertTrue(os.path.getsize(os.path.join(folder, "weights.lcn")) > 0)
            with self.assertRaises(lacuna.ConfigurationError):
                lacuna.compress({"compression": recipe}, container=weights)

    def test_import_onnx(self):
        model = SOURCE / "tests" / "sim" / "network" / "onnx" / "models" / "cnn.onnx"
        with tempfile.TemporaryDirectory() as folder:
            lacuna.import_onnx(model, os.path.join(folder, "ours"))
            subprocess.run(
                [PROGRAM, "import", "onnx", str(model), "-o", os.path.join(folder, "theirs")], check=True, stdout=subprocess.DEVNULL
            )
            names = sorted(os.listdir(os.path.join(folder, "theirs")))
            self.assertEqual(sorted(os.listdir(os.path.join(folder, "ours"))), names)
            for name in names:
                self.assertEqual(
                    pathlib.Path(folder, "ours", name).read_bytes(), pathlib.Path(folder, "theirs", name).read_bytes(), name
                )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
