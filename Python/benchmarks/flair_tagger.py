"""flair's BiLSTM-CRF tagger, with word embeddings of its own, on a corpus in columns.

    python flair_tagger.py FOLDER --seed 1 --epochs 2

FOLDER has train.txt, dev.txt and test.txt: a word and its IOB tag on a line, an empty line after
each sentence. Prints seconds of training with its evaluations, and F1 on the test part.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import flair
from flair.datasets import ColumnCorpus
from flair.embeddings import OneHotEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--epochs", type=int, default=2)
chosen = parser.parse_args()

flair.set_seed(chosen.seed)
corpus = ColumnCorpus(
    chosen.folder, {0: "text", 1: "ner"}, train_file="train.txt", dev_file="dev.txt",
    test_file="test.txt")
tagger = SequenceTagger(
    hidden_size=256, embeddings=OneHotEmbeddings.from_corpus(corpus, embedding_length=100),
    tag_dictionary=corpus.make_label_dictionary(label_type="ner"), tag_type="ner", use_crf=True,
    tag_format="BIO")
started = time.perf_counter()
with tempfile.TemporaryDirectory() as folder:
    result = ModelTrainer(tagger, corpus).train(
        folder, learning_rate=0.1, mini_batch_size=32, max_epochs=chosen.epochs)
print(f"took {time.perf_counter() - started:.2f} s")
print(f"F1 {result['test_score']:.4f}")
