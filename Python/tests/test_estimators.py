"""Estimators learn small tasks, keep their manners and refuse what is wrong."""

import copy
import json
import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import rnncore
from rnncore import Classifier, LanguageModel, NotFittedError, Regressor, Tagger


def series(count, width=3, seed=0):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(generator.integers(5, 20), width)) for _ in range(count)]


def words(count, seed=0):
    generator = np.random.default_rng(seed)
    return [
        [str(t) for t in generator.choice(list("abcdef"), generator.integers(3, 12))]
        for _ in range(count)]


def repeats(word):
    return ["same" if i and token == word[i - 1] else "new" for i, token in enumerate(word)]


SETTINGS = {"epochs": 25, "rate": 0.01, "hidden_size": 24}


def test_classifier_learns_the_sign_of_the_last_number():
    x = series(240)
    y = ["up" if s[-1, 0] > 0 else "down" for s in x]
    model = Classifier("gru", **SETTINGS).fit(x[:200], y[:200])
    assert model.score(x[200:], y[200:]) > 0.9
    chances = model.predict_proba(x[200:])
    assert chances.shape == (40, 2)
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert (model.classes_[chances.argmax(axis=1)] == model.predict(x[200:])).all()
    assert list(model.classes_) == ["down", "up"]


def test_regressor_learns_sums():
    x = series(300)
    y = np.array([s[:, 1].sum() for s in x])
    model = Regressor(**SETTINGS).fit(x[:250], y[:250])
    assert model.score(x[250:], y[250:]) > 0.9
    assert model.predict(x[:3]).shape == (3,)
    both = Regressor(epochs=1).fit(x, np.stack([y, -y], axis=1))
    assert both.predict(x[:3]).shape == (3, 2)


@pytest.mark.parametrize("crf", [False, True])
def test_tagger_learns_repetitions(crf):
    x = words(300)
    y = [repeats(word) for word in x]
    model = Tagger(crf=crf, **SETTINGS).fit(x[:250], y[:250])
    assert model.score(x[250:], y[250:]) > 0.95
    assert [len(tags) for tags in model.predict(x[:5])] == [len(word) for word in x[:5]]
    # Tokens that were never seen are answered as well.
    assert len(model.predict([["z", "z"]])[0]) == 2


def test_language_model_learns_a_text():
    model = LanguageModel("gru", **SETTINGS).fit(["the cat sat on the mat"] * 60)
    assert model.perplexity(["the cat sat on the mat"]) < 1.5
    assert model.predict(["the ca"]) == ["t"]
    text = model.generate("the ", 12, temperature=0.2)
    assert isinstance(text, str) and text.startswith("the ") and len(text) == 16
    assert model.generate("the ", 12, seed=1) == model.generate("the ", 12, seed=1)


@pytest.mark.parametrize("model, x, y", [
    (Classifier("lstm", epochs=2), series(40), ["a", "b"] * 20),
    (Classifier("lstm", epochs=2), words(40), [1, 2] * 20),
    (Regressor("min-gru", epochs=2), series(40), np.arange(40.0)),
    (Tagger("gru", crf=True, epochs=2), words(40), [repeats(w) for w in words(40)]),
    (LanguageModel("elman", epochs=2), ["some text", "more text"], None),
])
def test_files_give_the_same_answers(model, x, y, tmp_path):
    model.fit(x, y)
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = type(model).load(path)
    assert loaded.get_params() == model.get_params()
    for one, other in zip(model.predict(x), loaded.predict(x), strict=True):
        assert np.array_equal(one, other)
    others = {Classifier, Regressor, Tagger, LanguageModel} - {type(model)}
    for other in others:
        with pytest.raises(ValueError, match="expected a"):
            other.load(path)


def test_files_keep_tokens_and_labels_of_all_kinds(tmp_path):
    x = [[("a", 1), None, "b"], [2, ("a", 1)]] * 10
    model = Classifier(epochs=1, hidden_size=np.int64(4)).fit(x, [("up", 1), 2] * 10)
    assert set(model.predict(x)) <= {("up", 1), 2}
    model.save(tmp_path / "model")
    loaded = Classifier.load(tmp_path / "model")
    assert loaded.vocabulary_ == model.vocabulary_
    assert loaded.classes_.tolist() == [2, ("up", 1)]
    assert np.array_equal(loaded.predict_proba(x), model.predict_proba(x))
    bytes_model = Classifier(epochs=1).fit([[b"a"], [b"b"]], [1, 2])
    with pytest.raises(TypeError, match="found b'a'"):
        bytes_model.save(tmp_path / "model")
    with pytest.raises(ValueError, match="NUL"):
        model.save("model\0")


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_live_on_by_themselves(copied):
    x = words(40)
    model = Tagger("gru", crf=True, epochs=2).fit(x, [repeats(word) for word in x])
    expected, other = model.predict_proba(x), copied(model)
    assert other.get_params() == model.get_params() and other.history_ == model.history_
    del model
    for one, their in zip(expected, other.predict_proba(x), strict=True):
        assert np.array_equal(one, their)
    assert not hasattr(copied(Tagger()), "classes_")


PROGRAM = pathlib.Path(rnncore.__file__).with_name("bin") / "rnnbench"


@pytest.mark.skipif(not PROGRAM.exists(), reason="the command line is not installed")
@pytest.mark.parametrize("x, lines", [
    (["abba", "anna", "bob"] * 20, ["abba", "bobby"]),
    ([["a", "cat"], ["two", "cats"], ["cats"]] * 20, ["two cats", "a dog"]),
])
def test_the_command_line_answers_as_the_model(x, lines, tmp_path):
    model = Classifier("gru", epochs=5).fit(x, ["one", "two", "three"] * 20)
    model.save(tmp_path / "model.safetensors")
    (tmp_path / "lines.txt").write_text("\n".join(lines) + "\n")
    told = subprocess.run(
        [sys.executable, "-m", "rnncore", "predict", "--model", tmp_path / "model.safetensors",
         "--data", tmp_path / "lines.txt", "--format", "json", "--probabilities"],
        capture_output=True, text=True, check=True).stdout
    told = [json.loads(line) for line in told.splitlines()]
    given = lines if isinstance(x[0], str) else [line.split() for line in lines]
    assert [answer["label"] for answer in told] == model.predict(given).tolist()
    assert [answer["probability"] for answer in told] == pytest.approx(
        model.predict_proba(given).max(axis=1), abs=1e-6)


def test_answers_do_not_depend_on_threads_or_neighbours():
    x = series(300)
    y = [int(s[-1, 0] > 0) for s in x]
    one = Classifier(epochs=2, threads=1).fit(x, y)
    two = Classifier(epochs=2, threads=2).fit(x, y)
    assert np.array_equal(one.predict_proba(x), two.predict_proba(x))
    assert np.array_equal(one.predict_proba(x)[7], one.predict_proba(x[7:8])[0])


def test_settings_follow_scikit_learn():
    model = Classifier("gru", layers=2)
    assert model.get_params()["layers"] == 2
    assert model.set_params(layers=3, dropout=0.1) is model and model.layers == 3
    with pytest.raises(ValueError, match="expected one of"):
        model.set_params(width=3)
    copy = type(model)(**model.get_params())
    assert copy.get_params() == model.get_params()
    assert repr(model) == "Classifier(cell='gru', layers=3, dropout=0.1)"
    assert repr(Tagger("gru", crf=True)) == "Tagger(cell='gru', crf=True)"
    assert Tagger(crf=True).get_params() == {**Classifier().get_params(), "crf": True}


def test_scikit_learn_searches():
    selection = pytest.importorskip("sklearn.model_selection")
    x = series(60)
    search = selection.GridSearchCV(
        Classifier(epochs=2, hidden_size=8), {"cell": ["gru", "elman"]}, cv=2)
    search.fit(x, [int(s[-1, 0] > 0) for s in x])
    assert search.best_params_["cell"] in ("gru", "elman")
    numbers = [s.sum() for s in x]
    assert selection.cross_val_score(Regressor(epochs=1), x, numbers, cv=2).shape == (2,)


def test_columns_that_never_change_keep_their_scale():
    x = [np.full((5, 1), 0.1)] * 200
    model = Regressor(epochs=1).fit(x, np.full(200, 0.1))
    assert model.deviation_ == [1] and model.target_deviation_ == [1]


def test_a_failed_fit_leaves_no_model():
    x = series(20)
    model = Classifier(epochs=1).fit(x, [1, 2] * 10)
    with pytest.raises(ValueError):
        model.fit(words(20), [1])
    with pytest.raises(NotFittedError):
        model.predict(x)


def test_wrong_input_is_refused():
    x = series(20)
    with pytest.raises(NotFittedError):
        Classifier().predict(x)
    with pytest.raises(ValueError, match="at least one sequence"):
        Classifier().fit([], [])
    with pytest.raises(ValueError, match="at least one step"):
        Classifier().fit([np.zeros((0, 3))], [1])
    with pytest.raises(ValueError, match="20 answers"):
        Classifier().fit(x, [1, 2])
    with pytest.raises(ValueError, match="two classes"):
        Classifier().fit(x, [1] * 20)
    with pytest.raises(ValueError, match="one text"):
        LanguageModel().fit("a text")
    with pytest.raises(ValueError, match="the width is 1"):
        Regressor().fit([np.arange(5.0)], [1.0])
    with pytest.raises(ValueError, match="3 dimensions"):
        Regressor().fit(np.zeros((2, 3, 4, 5)), [1.0, 2.0])
    with pytest.raises(ValueError, match="labels"):
        Tagger().fit([["a", "b"]], [["x"]])
    with pytest.raises(ValueError, match="finite"):
        Regressor().fit([np.full((3, 2), np.nan)], [1.0])
    with pytest.raises(rnncore.RNNError) as error:
        Classifier("lsmt").fit(x, [1, 2] * 10)
    assert error.value.kind == "format"
    with pytest.raises(ValueError, match="finite"):
        Regressor().fit(x, [np.nan] * 20)
    model = Classifier(epochs=1).fit(x, [1, 2] * 10)
    with pytest.raises(ValueError, match="3 numbers"):
        model.predict(series(2, width=4))
    with pytest.raises(ValueError, match="found tokens"):
        model.predict(words(2))
    with pytest.raises(ValueError, match="20 answers"):
        model.score(x, [1])
    model_of_texts = LanguageModel(epochs=1).fit(["some text"])
    with pytest.raises(ValueError, match="expected tokens"):
        model_of_texts.predict(x)
    with pytest.raises(ValueError, match="at least two tokens"):
        model_of_texts.perplexity(["s"])
    with pytest.raises(ValueError, match="temperature"):
        model_of_texts.generate("s", 2, temperature=0)
    with pytest.raises(rnncore.RNNFileError):
        model.save("/no/such/folder/model.safetensors")
    with pytest.raises(rnncore.RNNFileError):
        Classifier.load("/no/such/file")


@pytest.mark.parametrize("settings", [
    {"batch_size": 0}, {"epochs": 0}, {"patience": 0}, {"validation_fraction": 1.0},
    {"clipping": "hard"}, {"weight_decay": -1.0}, {"rate": 0.0}, {"hidden_size": 0},
    {"layers": 0}, {"dropout": 1.0}, {"optimizer": "best"}, {"threads": -1},
])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError):
        Classifier(**settings).fit(series(20), [1, 2] * 10)


def test_progress_is_a_line_an_epoch_where_nobody_watches(capfd):
    Classifier(epochs=2, verbose=True).fit(series(40), [1, 2] * 20)
    assert capfd.readouterr().err.count("\n") == 2
