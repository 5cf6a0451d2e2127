"""Estimators learn small tasks, keep their manners and refuse what is wrong."""

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
    with pytest.raises(ValueError, match="labels"):
        Tagger().fit([["a", "b"]], [["x"]])
    with pytest.raises(ValueError, match="finite"):
        Regressor().fit([np.full((3, 2), np.nan)], [1.0])
    with pytest.raises(rnncore.RNNError) as error:
        Classifier("lsmt").fit(x, [1, 2] * 10)
    assert error.value.kind == "format"
    model = Classifier(epochs=1).fit(x, [1, 2] * 10)
    with pytest.raises(ValueError, match="3 numbers"):
        model.predict(series(2, width=4))
    with pytest.raises(rnncore.RNNFileError):
        model.save("/no/such/folder/model.safetensors")
    with pytest.raises(rnncore.RNNFileError):
        Classifier.load("/no/such/file")


def test_progress_is_a_line_an_epoch_where_nobody_watches(capfd):
    Classifier(epochs=2, verbose=True).fit(series(40), [1, 2] * 20)
    assert capfd.readouterr().err.count("\n") == 2
